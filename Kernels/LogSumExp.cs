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
                Columns<L>(x, y);
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

    private void Columns<L>(ReadOnlySpan<float> x, Span<float> y)
        where L : struct, ILanes<L>
    {
        Span<float> sums = stackalloc float[ColumnBlock.Width];
        for (int first = 0; first < y.Length; first += ColumnBlock.Width)
        {
            int count = Math.Min(ColumnBlock.Width, y.Length - first);
            Span<float> largest = y.Slice(first, count);
            largest.Fill(float.NegativeInfinity);
            for (int i = 0; i < Slab.Length; i++)
                ColumnBlock.Max<L>(x.Slice(i * Slab.Inner + first, count), largest);
            foreach (ref float value in largest)
                value = float.IsFinite(value) ? value : 0f;

            sums.Clear();
            for (int i = 0; i < Slab.Length; i++)
                AddExp<L>(x.Slice(i * Slab.Inner + first, count), largest, sums);

            for (int j = 0; j < count; j++)
                largest[j] += LaneMath.Log(sums[j]);
        }
    }

    /// <summary>sums += e^(x - largest)</summary>
    internal static void AddExp<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> largest, Span<float> sums)
        where L : struct, ILanes<L> => AddExp<Lanes1>(x, largest, sums, AddExp<L>(x, largest, sums, 0));

    private static int AddExp<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> largest, Span<float> sums, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= x.Length - L.Count; j += L.Count)
            L.Store(L.Load(sums, j) + LaneMath.Exp(L.Load(x, j) - L.Load(largest, j)), sums, j);
        return j;
    }
}
