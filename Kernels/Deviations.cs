namespace SpikeEngine.Kernels;

/// <summary>Sums of centred values: the second pass of a variance, which loses no digits to a large mean.</summary>
internal static class Deviations
{
    /// <summary>Σ (x_i - mean)²</summary>
    internal static float Squares<L>(ReadOnlySpan<float> x, float mean)
        where L : struct, ILanes<L>
    {
        L a = L.Zero, b = L.Zero, centre = L.Splat(mean);
        int n = L.Count, i = 0;
        for (; i <= x.Length - 2 * n; i += 2 * n)
        {
            L first = L.Load(x, i) - centre, second = L.Load(x, i + n) - centre;
            a = L.MulAdd(first, first, a);
            b = L.MulAdd(second, second, b);
        }

        float sum = L.Sum(a + b);
        for (; i < x.Length; i++)
            sum += (x[i] - mean) * (x[i] - mean);
        return sum;
    }

    /// <summary>Σ g_i (x_i - mean)</summary>
    internal static float Dot<L>(ReadOnlySpan<float> g, ReadOnlySpan<float> x, float mean)
        where L : struct, ILanes<L>
    {
        L a = L.Zero, b = L.Zero, centre = L.Splat(mean);
        int n = L.Count, i = 0;
        for (; i <= x.Length - 2 * n; i += 2 * n)
        {
            a = L.MulAdd(L.Load(g, i), L.Load(x, i) - centre, a);
            b = L.MulAdd(L.Load(g, i + n), L.Load(x, i + n) - centre, b);
        }

        float sum = L.Sum(a + b);
        for (; i < x.Length; i++)
            sum += g[i] * (x[i] - mean);
        return sum;
    }
}
