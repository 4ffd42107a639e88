namespace SpikeEngine.Kernels;

/// <summary>y = (x - largest) - ln Σ e^(x - largest) over each series.</summary>
public readonly ref struct LogSoftmaxForward : ISimdKernel
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
        float largest = Reduce.Max<L>(x), logZ = Softmax.LogZ<L>(x, largest);
        Subtract<Lanes1>(x, largest, logZ, y, Subtract<L>(x, largest, logZ, y, 0));
    }

    private static int Subtract<L>(ReadOnlySpan<float> x, float largest, float logZ, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L max = L.Splat(largest), log = L.Splat(logZ);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(L.Load(x, i) - max - log, y, i);
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
                sum += LaneMath.Exp(L.Load(x, at) - largest);

            // The sum is 1 or more, unless the series holds something that is not a number, which a logarithm may lose.
            L log = LaneMath.Log(sum) + (sum - sum);
            for (int at = j; at < end; at += inner)
                L.Store(L.Load(x, at) - largest - log, y, at);
        }

        return j;
    }
}

/// <summary>grad_x += grad_y - e^y * Σ grad_y</summary>
public readonly ref struct LogSoftmaxBackward : ISimdKernel
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
        float sum = SumForward<Itself>.Row<L>(gradY);
        Add<Lanes1>(y, gradY, sum, gradX, Add<L>(y, gradY, sum, gradX, 0));
    }

    private static int Add<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, float sum, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        L pull = L.Splat(-sum);
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(LaneMath.Exp(L.Load(y, i)), pull, L.Load(gradX, i) + L.Load(gradY, i)), gradX, i);
        return i;
    }

    private int Columns<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> gradX, int j)
        where L : struct, ILanes<L>
    {
        int inner = Slab.Inner, end = Slab.Stride;
        for (; j <= Slab.Columns - L.Count; j += L.Count)
        {
            L pull = L.Zero;
            for (int at = j; at < end; at += inner)
                pull -= L.Load(gradY, at);
            for (int at = j; at < end; at += inner)
                L.Store(L.MulAdd(LaneMath.Exp(L.Load(y, at)), pull, L.Load(gradX, at) + L.Load(gradY, at)), gradX, at);
        }

        return j;
    }
}
