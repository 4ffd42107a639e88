namespace SpikeEngine.Kernels;

/// <summary>How the sixteen lanes of exact mode meet: i and i + 8, then i and i + 4 of those, then i + 2, then i + 1.</summary>
internal static class LaneTree
{
    /// <summary>Sum over the lanes.</summary>
    internal static float Sum<L>(L x)
        where L : struct, ILanes<L>
    {
        Span<float> lanes = stackalloc float[Simd.ExactLanes];
        L.Store(x, lanes, 0);
        for (int half = Simd.ExactLanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        }

        return lanes[0];
    }

    /// <summary>Largest lane.</summary>
    internal static float MaxOf<L>(L x)
        where L : struct, ILanes<L>
    {
        Span<float> lanes = stackalloc float[Simd.ExactLanes];
        L.Store(x, lanes, 0);
        float max = lanes[0];
        foreach (float lane in lanes)
            max = MathF.Max(max, lane);
        return max;
    }
}
