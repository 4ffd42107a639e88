using static SpikeEngine.Training.OptionCheck;

namespace SpikeEngine.Training;

/// <summary>What all optimisers let one choose.</summary>
/// <param name="Beta1">Decay of the mean of gradients that gives the direction.</param>
/// <param name="Beta2">Decay of the other mean.</param>
/// <param name="WeightDecay">Applies to parameters with <see cref="Parameter.Decays"/>.</param>
public abstract record OptimizerOptions(double Beta1, double Beta2, float WeightDecay)
{
    /// <summary>How moments are stored.</summary>
    public MomentType Moments { get; init; } = MomentType.Float32;

    /// <summary>Of the random rounding of <see cref="MomentType.BFloat16"/>. A resumed run goes on with the one it began with.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Parameters that are treated otherwise; the first that matches wins.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public virtual void Validate()
    {
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "in [0, 1)");
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "in [0, 1)");
        Require(WeightDecay >= 0 && float.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "0 or positive");
        Require(Enum.IsDefined(Moments), nameof(Moments), Moments, "Float32 or BFloat16");
    }
}

/// <summary>Settings of <see cref="AdamW"/>.</summary>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Eps">Added to the denominator.</param>
/// <param name="WeightDecay">Applies to parameters with <see cref="Parameter.Decays"/>.</param>
public sealed record AdamWOptions(double Beta1 = 0.9, double Beta2 = 0.95, float Eps = 1e-8f, float WeightDecay = 0.1f)
    : OptimizerOptions(Beta1, Beta2, WeightDecay)
{
    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(Eps > 0 && float.IsFinite(Eps), nameof(Eps), Eps, "a positive number");
    }
}

/// <summary>
/// Settings of <see cref="Lion"/>. Every element moves by the learning rate itself: its authors take three to ten times less
/// than with AdamW, and as many times more weight decay.
/// </summary>
/// <param name="Beta1">How much of the mean counts in the direction of a step.</param>
/// <param name="Beta2">Decay of the mean of gradients.</param>
/// <param name="WeightDecay">Applies to parameters with <see cref="Parameter.Decays"/>.</param>
public sealed record LionOptions(double Beta1 = 0.9, double Beta2 = 0.99, float WeightDecay = 0.5f)
    : OptimizerOptions(Beta1, Beta2, WeightDecay);
