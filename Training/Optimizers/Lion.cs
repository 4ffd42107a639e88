using SpikeEngine.Kernels;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>
/// Lion (Chen et al. 2023):  u = sign(β1 m + (1 - β1) g);  p -= lr (u + wd p);  m = β2 m + (1 - β2) g. One moment instead of
/// AdamW's two. Frozen parameters, and those without a gradient, stay.
/// </summary>
public sealed class Lion : Optimizer
{
    private const int Grain = 16_384;

    private readonly LionOptions _options;
    private readonly OptimizerState _state;

    /// <summary>An optimiser of every parameter of a store.</summary>
    /// <param name="parameters">The model's parameters; those of a frozen group are frozen from now on.</param>
    /// <param name="options">Its authors' for language models when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a group does nothing.</exception>
    public Lion(ParameterStore parameters, LionOptions? options = null)
    {
        _options = options ?? new LionOptions();
        _state = new OptimizerState(parameters, _options, "m");
    }

    /// <inheritdoc/>
    public override long StepCount { get; set; }

    /// <summary>m of a parameter, a copy; zeros before its first step.</summary>
    public float[] Momentum(Parameter parameter) => _state[parameter].Moments[0].ToArray();

    /// <inheritdoc/>
    public override void Step(float learningRate)
    {
        StepCount++;
        for (int i = 0; i < _state.Count; i++)
        {
            if (_state.Changing(i) is not { } entry)
                continue;
            Update update = new(entry, _options, _state.Noise(entry.Moments[0], StepCount), learningRate * entry.LearningRateFactor);
            RowParallel.For(entry.Parameter.Count, Grain, update, static (u, start, end) => u.Run(start, end));
        }
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state) => StepCount = _state.Visit(state, StepCount);

    /// <summary>A step of one parameter.</summary>
    private readonly record struct Update(OptimizerState.Entry Entry, LionOptions Options, RandomKey Noise, float Rate)
    {
        public void Run(int start, int end)
        {
            Span<float> room = stackalloc float[Moment.Chunk];
            Moment moment = Entry.Moments[0];
            for (int at = start; at < end; at += Moment.Chunk)
            {
                int count = Math.Min(Moment.Chunk, end - at);
                Span<float> m = moment.Take(at, room[..count]);
                Simd.Run(new LionStep
                {
                    Grad = Entry.Parameter.Grad.Slice(at, count),
                    Values = Entry.Parameter.Values.Slice(at, count),
                    Moment = m,
                    Rate = Rate,
                    Decay = Entry.WeightDecay,
                    Beta1 = (float)Options.Beta1,
                    Beta2 = (float)Options.Beta2,
                    Rest1 = (float)(1 - Options.Beta1),
                    Rest2 = (float)(1 - Options.Beta2),
                });
                moment.Put(m, at, Noise);
            }
        }
    }
}
