namespace SpikeEngine.Kernels;

/// <summary>
/// What the losses need of a softmax row: the largest entry and log_z = ln Σ e^((x - largest) / T). Kept apart, since
/// x - largest is exact where it matters and their sum would not be. The second pass finds the row in the cache.
/// </summary>
internal static class Softmax
{
    /// <summary>ln Σ e^((x_i - largest) * inverseT)</summary>
    public static float LogZ<L>(ReadOnlySpan<float> x, float largest, float inverseT = 1f)
        where L : struct, ILanes<L>
    {
        L a = L.Zero, b = L.Zero, max = L.Splat(largest), scale = L.Splat(inverseT);
        int n = L.Count, i = 0;
        for (; i <= x.Length - 2 * n; i += 2 * n)
        {
            a += LaneMath.Exp((L.Load(x, i) - max) * scale);
            b += LaneMath.Exp((L.Load(x, i + n) - max) * scale);
        }

        for (; i <= x.Length - n; i += n)
            a += LaneMath.Exp((L.Load(x, i) - max) * scale);

        Lanes1 rest = Lanes1.Zero;
        for (; i < x.Length; i++)
            rest += LaneMath.Exp((Lanes1.Load(x, i) - Lanes1.Splat(largest)) * Lanes1.Splat(inverseT));
        return LaneMath.Log(L.Sum(a + b) + Lanes1.Sum(rest));
    }
}
