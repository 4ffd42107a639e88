using SpikeEngine.Kernels;

namespace SpikeEngine.Training;

/// <summary>
/// Learning rate over the steps s = 0, 1, ...:  s / warmup while s &lt; warmup, then
/// min + (1 - min) ½ (1 + cos(π (s - warmup) / (total - warmup))), and min from total on.
/// </summary>
/// <param name="Warmup">Steps of the linear rise.</param>
/// <param name="Total">Step at which the minimum is reached.</param>
/// <param name="MinRatio">Smallest factor.</param>
public readonly record struct WarmupCosine(int Warmup, int Total, float MinRatio = 0f)
{
    /// <summary>What the peak learning rate is multiplied with in a step; the first one is 0.</summary>
    public float Factor(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < Warmup)
            return (float)step / Warmup;
        double progress = Math.Min(1.0, (step - Warmup) / (double)Math.Max(1, Total - Warmup));
        return (float)(MinRatio + (1.0 - MinRatio) * 0.5 * (1.0 + DoubleMath.CosOfTurns(progress / 2)));
    }
}
