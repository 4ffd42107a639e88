namespace SpikeEngine.Kernels;

/// <summary>
/// y_i = Σ_(k≤i) x_k over each series, or Σ_(k≥i) from the end; in double, or where series lie side by side with compensation,
/// so that long sums keep their digits. Each direction is the other's gradient.
/// </summary>
public readonly ref struct CumSum : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Whether to sum from the end.</summary>
    public required bool Reverse { get; init; }

    /// <summary>Whether the sums are added to what is in <see cref="Y"/>.</summary>
    public bool Accumulate { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            if (Slab.Inner == 1)
                Row(outer);
            else
                Columns<Lanes1>(outer, Columns<L>(outer, 0));
        }
    }

    private void Row(int outer)
    {
        ReadOnlySpan<float> x = X.Slice(outer * Slab.Length, Slab.Length);
        Span<float> y = Y.Slice(outer * Slab.Length, Slab.Length);
        bool accumulate = Accumulate;
        int step = Reverse ? -1 : 1;
        double sum = 0;
        for (int i = 0, at = Reverse ? x.Length - 1 : 0; i < x.Length; i++, at += step)
        {
            sum += x[at];
            y[at] = accumulate ? y[at] + (float)sum : (float)sum;
        }
    }

    private int Columns<L>(int outer, int j)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> x = X[(outer * Slab.Stride)..];
        Span<float> y = Y[(outer * Slab.Stride)..];
        bool accumulate = Accumulate;
        int length = Slab.Length, step = Reverse ? -Slab.Inner : Slab.Inner, first = Reverse ? Slab.Stride - Slab.Inner : 0;
        for (; j <= Slab.Columns - L.Count; j += L.Count)
        {
            CompensatedSum<L> sum = default;
            for (int i = 0, at = first + j; i < length; i++, at += step)
            {
                sum.Add(L.Load(x, at));
                L.Store(accumulate ? sum.Value + L.Load(y, at) : sum.Value, y, at);
            }
        }

        return j;
    }
}
