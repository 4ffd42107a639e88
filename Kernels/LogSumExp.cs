namespace SpikeEngine.Kernels;

/// <summary>y = ln Σ e^x over each series, measured from its largest element; -inf where all are.</summary>
public readonly ref struct LogSumExpForward : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, inner]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            ReadOnlySpan<float> x = X[(outer * Slab.Stride)..];
            Span<float> y = Y.Slice(outer * Slab.Inner, Slab.Columns);
            if (Slab.Inner == 1)
                y[0] = Row<L>(x[..Slab.Length]);
            else
                Columns<Lanes1>(x, y, Columns<L>(x, y, 0));
        }
    }

    private static float Row<L>(ReadOnlySpan<float> x)
        where L : struct, ILanes<L>
    {
        // From an infinite element nothing can be measured; e^±inf says all there is to say.
        float largest = Reduce.Max<L>(x);
        if (!float.IsFinite(largest))
            largest = 0f;
        return largest + Softmax.LogZ<L>(x, largest);
    }

    private int Columns<L>(ReadOnlySpan<float> x, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        int inner = Slab.Inner, length = Slab.Length, n = L.Count;
        Span<float> sums = stackalloc float[FirstIndex.MaxLanes];
        for (; j <= y.Length - n; j += n)
        {
            L largest = L.Splat(float.NegativeInfinity), sum = L.Zero;
            for (int i = 0; i < length; i++)
                largest = L.Max(largest, L.Load(x, i * inner + j));
            largest = L.Select(L.LessThan(L.Abs(largest), L.Splat(float.PositiveInfinity)), largest, L.Zero);
            for (int i = 0; i < length; i++)
                sum += LaneMath.Exp(L.Load(x, i * inner + j) - largest);

            L.Store(sum, sums, 0);
            L.Store(largest, y, j);
            for (int lane = 0; lane < n; lane++)
                y[j + lane] += MathF.Log(sums[lane]);
        }

        return j;
    }
}
