namespace SpikeEngine.Kernels;

/// <summary>The derivative of a series' result by one of its elements, but for a factor of the series.</summary>
public interface ISeriesSlope
{
    /// <summary>The slope at x, given what the forward pass found for the series.</summary>
    static abstract L Value<L>(L x, L found)
        where L : struct, ILanes<L>;
}

/// <summary>x - mean: of a variance.</summary>
public readonly struct Deviation : ISeriesSlope
{
    /// <inheritdoc/>
    public static L Value<L>(L x, L found)
        where L : struct, ILanes<L> => x - found;
}

/// <summary>x / norm, and 0 where the norm is 0: of a norm.</summary>
public readonly struct Direction : ISeriesSlope
{
    /// <inheritdoc/>
    public static L Value<L>(L x, L found)
        where L : struct, ILanes<L> => L.Select(L.LessThan(L.Abs(found), L.Splat(float.Epsilon)), L.Zero, x / found);
}

/// <summary>e^(x - log_sum_exp): of a log-sum-exp. A series of nothing but -inf gives zeros.</summary>
public readonly struct Share : ISeriesSlope
{
    /// <inheritdoc/>
    public static L Value<L>(L x, L found)
        where L : struct, ILanes<L> =>
        LaneMath.Exp(x - L.Select(L.LessThan(found, L.Splat(float.MinValue)), L.Zero, found));
}

/// <summary>grad_x += scale * grad_y * slope(x, found), grad_y and found being the series'.</summary>
/// <typeparam name="TSlope">The slope.</typeparam>
public readonly ref struct SeriesBackward<TSlope> : ISimdKernel
    where TSlope : struct, ISeriesSlope
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, inner], from the forward pass.</summary>
    public required ReadOnlySpan<float> Found { get; init; }

    /// <summary>[outer, inner]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>A factor for all.</summary>
    public float Scale { get; init; } = 1f;

    /// <summary>[outer, length, inner], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>A kernel with scale 1.</summary>
    public SeriesBackward()
    {
    }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            if (Slab.Inner == 1)
            {
                Row<Lanes1>(outer, Row<L>(outer, 0));
                continue;
            }

            for (int i = 0; i < Slab.Length; i++)
                Columns<Lanes1>(outer, i, Columns<L>(outer, i, 0));
        }
    }

    private int Row<L>(int outer, int i)
        where L : struct, ILanes<L>
    {
        int length = Slab.Length;
        ReadOnlySpan<float> x = X.Slice(outer * length, length);
        Span<float> gradX = GradX.Slice(outer * length, length);
        L found = L.Splat(Found[outer]), factor = L.Splat(Scale * GradY[outer]);
        for (; i <= length - L.Count; i += L.Count)
            L.Store(L.MulAdd(TSlope.Value(L.Load(x, i), found), factor, L.Load(gradX, i)), gradX, i);
        return i;
    }

    private int Columns<L>(int outer, int i, int j)
        where L : struct, ILanes<L>
    {
        int columns = Slab.Columns, row = outer * Slab.Stride + i * Slab.Inner;
        ReadOnlySpan<float> x = X.Slice(row, columns);
        ReadOnlySpan<float> found = Found.Slice(outer * Slab.Inner, columns), gradY = GradY.Slice(outer * Slab.Inner, columns);
        Span<float> gradX = GradX.Slice(row, columns);
        L scale = L.Splat(Scale);
        for (; j <= columns - L.Count; j += L.Count)
        {
            L slope = TSlope.Value(L.Load(x, j), L.Load(found, j));
            L.Store(L.MulAdd(slope, scale * L.Load(gradY, j), L.Load(gradX, j)), gradX, j);
        }

        return j;
    }
}
