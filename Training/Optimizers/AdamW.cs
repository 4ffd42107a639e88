using SpikeEngine.Kernels;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>Settings of <see cref="AdamW"/>.</summary>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Eps">Added to the denominator.</param>
/// <param name="WeightDecay">Applies to parameters with <see cref="Parameter.Decays"/>.</param>
public sealed record AdamWOptions(double Beta1 = 0.9, double Beta2 = 0.95, float Eps = 1e-8f, float WeightDecay = 0.1f);

/// <summary>
/// AdamW (Loshchilov and Hutter 2019):  p -= lr wd p;  m = β1 m + (1 - β1) g;  v = β2 v + (1 - β2) g²;
/// p -= lr / (1 - β1^s) * m / (sqrt(v) / sqrt(1 - β2^s) + eps) in step s. Frozen parameters, and those without a gradient, stay.
/// </summary>
public sealed class AdamW : Optimizer
{
    private const int Grain = 16_384;

    private readonly ParameterStore _parameters;
    private readonly AdamWOptions _options;
    private readonly Func<Parameter, float>? _multiplier;
    private readonly Dictionary<Parameter, (Memory<float> First, Memory<float> Second)> _moments = [];

    /// <summary>An optimiser of every parameter of a store.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="options">The usual ones for language models when null.</param>
    /// <param name="learningRateMultiplier">Factor of the learning rate for each parameter; 1 when null.</param>
    public AdamW(ParameterStore parameters, AdamWOptions? options = null, Func<Parameter, float>? learningRateMultiplier = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _parameters = parameters;
        _options = options ?? new AdamWOptions();
        _multiplier = learningRateMultiplier;
    }

    /// <summary>Steps taken; set it, and the moments, to continue a run.</summary>
    public override long StepCount { get; set; }

    /// <summary>m of a parameter; zeros before its first step.</summary>
    public Span<float> FirstMoment(Parameter parameter) => Moments(parameter).First.Span;

    /// <summary>v of a parameter; zeros before its first step.</summary>
    public Span<float> SecondMoment(Parameter parameter) => Moments(parameter).Second.Span;

    /// <summary>One update of every trainable parameter from its gradient, which stays as it is.</summary>
    public override void Step(float learningRate)
    {
        StepCount++;
        double correction1 = 1 - DoubleMath.Pow(_options.Beta1, (int)StepCount);
        double correction2 = 1 - DoubleMath.Pow(_options.Beta2, (int)StepCount);
        foreach (Parameter parameter in _parameters.Parameters)
        {
            if (!parameter.Trainable || !parameter.HasGrad)
                continue;
            float rate = learningRate * (_multiplier?.Invoke(parameter) ?? 1f);
            Update update = new(
                parameter,
                Moments(parameter),
                _options,
                Decay: parameter.Decays ? rate * _options.WeightDecay : 0f,
                Step: (float)(rate / correction1),
                Root: (float)(1 / Math.Sqrt(correction2)));
            RowParallel.For(parameter.Count, Grain, update, static (u, start, end) => Simd.Run(new AdamWStep
            {
                Grad = u.Parameter.Grad[start..end],
                Values = u.Parameter.Values[start..end],
                FirstMoment = u.Moments.First.Span[start..end],
                SecondMoment = u.Moments.Second.Span[start..end],
                Decay = u.Decay,
                Beta1 = (float)u.Options.Beta1,
                Beta2 = (float)u.Options.Beta2,
                Rest1 = (float)(1 - u.Options.Beta1),
                Rest2 = (float)(1 - u.Options.Beta2),
                Step = u.Step,
                Root = u.Root,
                Eps = u.Options.Eps,
            }));
        }
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long steps = StepCount;
        state.Number("steps", ref steps);
        StepCount = steps;
        foreach (Parameter parameter in _parameters.Parameters)
        {
            if (!parameter.Trainable)
                continue;
            (Memory<float> first, Memory<float> second) = Moments(parameter);
            state.Floats($"m.{parameter.Path}", parameter.Shape.Dims, first);
            state.Floats($"v.{parameter.Path}", parameter.Shape.Dims, second);
        }
    }

    private (Memory<float> First, Memory<float> Second) Moments(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (!_moments.TryGetValue(parameter, out (Memory<float> First, Memory<float> Second) moments))
        {
            moments = (AlignedMemory.Allocate(parameter.Count), AlignedMemory.Allocate(parameter.Count));
            _moments.Add(parameter, moments);
        }

        return moments;
    }

    private sealed record Update(
        Parameter Parameter,
        (Memory<float> First, Memory<float> Second) Moments,
        AdamWOptions Options,
        float Decay,
        float Step,
        float Root);
}
