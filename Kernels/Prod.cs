namespace SpikeEngine.Kernels;

/// <summary>y = Π x over each series.</summary>
public readonly ref struct ProdForward : ISimdKernel
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
        L a = L.One, b = L.One;
        int n = L.Count, i = 0;
        for (; i <= x.Length - 2 * n; i += 2 * n)
        {
            a *= L.Load(x, i);
            b *= L.Load(x, i + n);
        }

        Span<float> lanes = stackalloc float[FirstIndex.MaxLanes];
        L.Store(a * b, lanes, 0);
        float product = 1f;
        for (int lane = 0; lane < n; lane++)
            product *= lanes[lane];
        for (; i < x.Length; i++)
            product *= x[i];
        return product;
    }

    private void Columns<L>(ReadOnlySpan<float> x, Span<float> y)
        where L : struct, ILanes<L>
    {
        y.Fill(1f);
        for (int i = 0; i < Slab.Length; i++)
        {
            ReadOnlySpan<float> row = x.Slice(i * Slab.Inner, y.Length);
            Multiply<Lanes1>(row, y, Multiply<L>(row, y, 0));
        }
    }

    private static int Multiply<L>(ReadOnlySpan<float> x, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= x.Length - L.Count; j += L.Count)
            L.Store(L.Load(y, j) * L.Load(x, j), y, j);
        return j;
    }
}

/// <summary>
/// grad_x_i += grad_y * Π_(k≠i) x_k: the product of all before times the product of all behind. Nothing is divided, so zeros
/// among the factors are as good as any other number.
/// </summary>
public readonly ref struct ProdBackward : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, inner]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[outer, length, inner], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>A register for each element of a series.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
            Columns<Lanes1>(outer, Columns<L>(outer, 0));
    }

    private int Columns<L>(int outer, int j)
        where L : struct, ILanes<L>
    {
        int inner = Slab.Inner, length = Slab.Length, n = L.Count;
        ReadOnlySpan<float> x = X[(outer * Slab.Stride)..], gradY = GradY[(outer * inner)..];
        Span<float> gradX = GradX[(outer * Slab.Stride)..], before = Scratch;
        for (; j <= Slab.Columns - n; j += n)
        {
            L product = L.One;
            for (int i = 0; i < length; i++)
            {
                L.Store(product, before, i * n);
                product *= L.Load(x, i * inner + j);
            }

            product = L.Load(gradY, j);
            for (int i = length - 1; i >= 0; i--)
            {
                int at = i * inner + j;
                L.Store(L.MulAdd(product, L.Load(before, i * n), L.Load(gradX, at)), gradX, at);
                product *= L.Load(x, at);
            }
        }

        return j;
    }
}
