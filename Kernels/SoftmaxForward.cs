namespace SpikeEngine.Kernels;

/// <summary>y = e^(x - largest) / Σ e^(x - largest) over each series.</summary>
public readonly ref struct SoftmaxForward : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, length, inner]; may be the same memory as <see cref="X"/>.</summary>
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
            Span<float> y = Y[(outer * Slab.Stride)..];
            if (Slab.Inner == 1)
                Row<L>(x[..Slab.Length], y[..Slab.Length]);
            else
                Columns<Lanes1>(x, y, Columns<L>(x, y, 0));
        }
    }

    private static void Row<L>(ReadOnlySpan<float> x, Span<float> y)
        where L : struct, ILanes<L>
    {
        float largest = Reduce.Max<L>(x);
        Exp<Lanes1>(x, largest, y, Exp<L>(x, largest, y, 0));
        new ScaleForward { X = y, Factor = 1f / SumForward<Itself>.Row<L>(y), Y = y }.Run<L>();
    }

    private static int Exp<L>(ReadOnlySpan<float> x, float largest, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L max = L.Splat(largest);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(LaneMath.Exp(L.Load(x, i) - max), y, i);
        return i;
    }

    private int Columns<L>(ReadOnlySpan<float> x, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        int inner = Slab.Inner, end = Slab.Stride;
        for (; j <= Slab.Columns - L.Count; j += L.Count)
        {
            L largest = L.Splat(float.NegativeInfinity), sum = L.Zero;
            for (int at = j; at < end; at += inner)
                largest = L.Max(largest, L.Load(x, at));
            for (int at = j; at < end; at += inner)
            {
                L e = LaneMath.Exp(L.Load(x, at) - largest);
                sum += e;
                L.Store(e, y, at);
            }

            L scale = L.One / sum;
            for (int at = j; at < end; at += inner)
                L.Store(L.Load(y, at) * scale, y, at);
        }

        return j;
    }
}

/// <summary>grad_x += y * (grad_y - Σ grad_y * y)</summary>
public readonly ref struct SoftmaxBackward : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner], from the forward pass.</summary>
    public required ReadOnlySpan<float> Y { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[outer, length, inner], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            ReadOnlySpan<float> y = Y[(outer * Slab.Stride)..], gradY = GradY[(outer * Slab.Stride)..];
            Span<float> gradX = GradX[(outer * Slab.Stride)..];
            if (Slab.Inner == 1)
                Row<L>(y[..Slab.Length], gradY[..Slab.Length], gradX[..Slab.Length]);
            else
                Columns<Lanes1>(y, gradY, gradX, Columns<L>(y, gradY, gradX, 0));
        }
    }

    private static void Row<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> gradX)
        where L : struct, ILanes<L>
    {
        float dot = Reduce.Dot<L>(y, gradY);
        Add<Lanes1>(y, gradY, dot, gradX, Add<L>(y, gradY, dot, gradX, 0));
    }

    private static int Add<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, float dot, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        L pull = L.Splat(dot);
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(L.Load(y, i), L.Load(gradY, i) - pull, L.Load(gradX, i)), gradX, i);
        return i;
    }

    private int Columns<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> gradX, int j)
        where L : struct, ILanes<L>
    {
        int inner = Slab.Inner, end = Slab.Stride;
        for (; j <= Slab.Columns - L.Count; j += L.Count)
        {
            L dot = L.Zero;
            for (int at = j; at < end; at += inner)
                dot = L.MulAdd(L.Load(y, at), L.Load(gradY, at), dot);
            for (int at = j; at < end; at += inner)
                L.Store(L.MulAdd(L.Load(y, at), L.Load(gradY, at) - dot, L.Load(gradX, at)), gradX, at);
        }

        return j;
    }
}
