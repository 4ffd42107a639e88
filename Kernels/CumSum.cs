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
                Columns<L>(outer);
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

    private void Columns<L>(int outer)
        where L : struct, ILanes<L>
    {
        Span<float> sums = stackalloc float[ColumnBlock.Width], rests = stackalloc float[ColumnBlock.Width];
        for (int first = 0; first < Slab.Columns; first += ColumnBlock.Width)
        {
            int count = Math.Min(ColumnBlock.Width, Slab.Columns - first);
            sums.Clear();
            rests.Clear();
            for (int i = 0; i < Slab.Length; i++)
            {
                int at = outer * Slab.Stride + (Reverse ? Slab.Length - 1 - i : i) * Slab.Inner + first;
                ReadOnlySpan<float> x = X.Slice(at, count);
                Span<float> y = Y.Slice(at, count);
                Step<Lanes1>(x, sums, rests, y, Step<L>(x, sums, rests, y, 0));
            }
        }
    }

    private int Step<L>(ReadOnlySpan<float> x, Span<float> sums, Span<float> rests, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        bool accumulate = Accumulate;
        for (; j <= x.Length - L.Count; j += L.Count)
        {
            var sum = CompensatedSum<L>.Load(sums, rests, j);
            sum.Add(L.Load(x, j));
            sum.Store(sums, rests, j);
            L.Store(accumulate ? sum.Value + L.Load(y, j) : sum.Value, y, j);
        }

        return j;
    }
}
