namespace SpikeEngine.Training;

/// <summary>What all optimisers let one choose.</summary>
public abstract record OptimizerOptions
{
    /// <summary>How moments are stored.</summary>
    public MomentType Moments { get; init; } = MomentType.Float32;

    /// <summary>Of the random rounding of <see cref="MomentType.BFloat16"/>. A resumed run goes on with the one it began with.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Parameters that are treated otherwise; the first that matches wins.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];
}

/// <summary>Settings of <see cref="AdamW"/>.</summary>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Eps">Added to the denominator.</param>
/// <param name="WeightDecay">Applies to parameters with <see cref="Parameter.Decays"/>.</param>
public sealed record AdamWOptions(double Beta1 = 0.9, double Beta2 = 0.95, float Eps = 1e-8f, float WeightDecay = 0.1f) : OptimizerOptions;

/// <summary>
/// Settings of <see cref="Lion"/>. Every element moves by the learning rate itself: its authors take three to ten times less
/// than with AdamW, and as many times more weight decay.
/// </summary>
/// <param name="Beta1">How much of the mean counts in the direction of a step.</param>
/// <param name="Beta2">Decay of the mean of gradients.</param>
/// <param name="WeightDecay">Applies to parameters with <see cref="Parameter.Decays"/>.</param>
public sealed record LionOptions(double Beta1 = 0.9, double Beta2 = 0.99, float WeightDecay = 0.5f) : OptimizerOptions;
