using SpikeEngine.Kernels;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019):  p -= lr wd p;  m = β1 m + (1 - β1) g;  v = β2 v + (1 - β2) g²;
/// p -= lr / (1 - β1^s) * m / (sqrt(v) / sqrt(1 - β2^s) + eps) in step s. Frozen parameters, and those without a gradient, stay.
/// </summary>
public sealed class AdamW : Optimizer
{
    private const int Grain = 16_384;

    private readonly AdamWOptions _options;
    private readonly OptimizerState _state;

    /// <summary>An optimiser of every parameter of a store.</summary>
    /// <param name="parameters">The model's parameters; those of a frozen group are frozen from now on.</param>
    /// <param name="options">The usual ones for language models when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a group does nothing.</exception>
    public AdamW(ParameterStore parameters, AdamWOptions? options = null)
    {
        _options = options ?? new AdamWOptions();
        _state = new OptimizerState(parameters, _options, "m", "v");
    }

    /// <inheritdoc/>
    public override long StepCount { get; set; }

    /// <summary>m of a parameter, a copy; zeros before its first step.</summary>
    public float[] FirstMoment(Parameter parameter) => _state[parameter].Moments[0].ToArray();

    /// <summary>v of a parameter, a copy; zeros before its first step.</summary>
    public float[] SecondMoment(Parameter parameter) => _state[parameter].Moments[1].ToArray();

    /// <inheritdoc/>
    public override void Step(float learningRate)
    {
        StepCount++;
        double correction1 = 1 - DoubleMath.Pow(_options.Beta1, (int)StepCount);
        double correction2 = 1 - DoubleMath.Pow(_options.Beta2, (int)StepCount);
        for (int i = 0; i < _state.Count; i++)
        {
            if (_state.Changing(i) is not { } entry)
                continue;
            float rate = learningRate * entry.LearningRateFactor;
            Update update = new(
                entry,
                _options,
                _state.Noise(entry.Moments[0], StepCount),
                _state.Noise(entry.Moments[1], StepCount),
                Decay: rate * entry.WeightDecay,
                Step: (float)(rate / correction1),
                Root: (float)(1 / Math.Sqrt(correction2)));
            RowParallel.For(entry.Parameter.Count, Grain, update, static (u, start, end) => u.Run(start, end));
        }
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state) => StepCount = _state.Visit(state, StepCount);

    /// <summary>A step of one parameter.</summary>
    private readonly record struct Update(
        OptimizerState.Entry Entry, AdamWOptions Options, RandomKey FirstNoise, RandomKey SecondNoise, float Decay, float Step, float Root)
    {
        public void Run(int start, int end)
        {
            Span<float> firstRoom = stackalloc float[Moment.Chunk], secondRoom = stackalloc float[Moment.Chunk];
            Moment first = Entry.Moments[0], second = Entry.Moments[1];
            for (int at = start; at < end; at += Moment.Chunk)
            {
                int count = Math.Min(Moment.Chunk, end - at);
                Span<float> m = first.Take(at, firstRoom[..count]), v = second.Take(at, secondRoom[..count]);
                Simd.Run(new AdamWStep
                {
                    Grad = Entry.Parameter.Grad.Slice(at, count),
                    Values = Entry.Parameter.Values.Slice(at, count),
                    FirstMoment = m,
                    SecondMoment = v,
                    Decay = Decay,
                    Beta1 = (float)Options.Beta1,
                    Beta2 = (float)Options.Beta2,
                    Rest1 = (float)(1 - Options.Beta1),
                    Rest2 = (float)(1 - Options.Beta2),
                    Step = Step,
                    Root = Root,
                    Eps = Options.Eps,
                });
                first.Put(m, at, FirstNoise);
                second.Put(v, at, SecondNoise);
            }
        }
    }
}
