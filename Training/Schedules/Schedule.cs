using SpikeEngine.Kernels;

namespace SpikeEngine.Training;

/// <summary>How a learning rate falls after its warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>As half a cosine.</summary>
    Cosine,

    /// <summary>On a straight line.</summary>
    Linear,

    /// <summary>Not at all.</summary>
    Constant,
}

/// <summary>
/// Learning rate over the steps s = 0, 1, ...:  s / warmup while s &lt; warmup; then, with x = (s - warmup) / (total - warmup)
/// and at most 1,  final + (1 - final) f(x), where f is ½ (1 + cos(π x)), 1 - x or 1.
/// </summary>
/// <param name="Warmup">Steps of the linear rise.</param>
/// <param name="Total">Step at which the fall ends.</param>
/// <param name="Final">Where it ends, as a share of the peak.</param>
/// <param name="Kind">The form of the fall.</param>
public readonly record struct Schedule(long Warmup, long Total, float Final = 0f, ScheduleKind Kind = ScheduleKind.Cosine)
{
    /// <summary>What the peak learning rate is multiplied with in a step; with a warm-up, the first one is 0.</summary>
    /// <param name="step">From 0 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public float Factor(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < Warmup)
            return (float)((double)step / Warmup);
        double progress = Math.Min(1.0, (step - Warmup) / (double)Math.Max(1, Total - Warmup));
        double left = Kind switch
        {
            ScheduleKind.Cosine => 0.5 * (1.0 + DoubleMath.CosOfTurns(progress / 2)),
            ScheduleKind.Linear => 1.0 - progress,
            _ => 1.0,
        };
        return (float)(Final + (1.0 - Final) * left);
    }
}
