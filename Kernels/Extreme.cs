namespace SpikeEngine.Kernels;

/// <summary>What is sought: the largest or the smallest.</summary>
public interface IOrder
{
    /// <summary>Not better than anything.</summary>
    static abstract float Worst { get; }

    /// <summary>The better of each pair; not-a-number may get lost.</summary>
    static abstract L Better<L>(L a, L b)
        where L : struct, ILanes<L>;

    /// <summary>The better one; not-a-number when either is.</summary>
    static abstract float Better(float a, float b);

    /// <summary>The best lane.</summary>
    static abstract float Best<L>(L x)
        where L : struct, ILanes<L>;
}

/// <summary>The largest.</summary>
public readonly struct Largest : IOrder
{
    /// <inheritdoc/>
    public static float Worst => float.NegativeInfinity;

    /// <inheritdoc/>
    public static L Better<L>(L a, L b)
        where L : struct, ILanes<L> => L.Max(a, b);

    /// <inheritdoc/>
    public static float Better(float a, float b) => MathF.Max(a, b);

    /// <inheritdoc/>
    public static float Best<L>(L x)
        where L : struct, ILanes<L> => L.MaxOf(x);
}

/// <summary>The smallest.</summary>
public readonly struct Smallest : IOrder
{
    /// <inheritdoc/>
    public static float Worst => float.PositiveInfinity;

    /// <inheritdoc/>
    public static L Better<L>(L a, L b)
        where L : struct, ILanes<L> => L.Min(a, b);

    /// <inheritdoc/>
    public static float Better(float a, float b) => MathF.Min(a, b);

    /// <inheritdoc/>
    public static float Best<L>(L x)
        where L : struct, ILanes<L> => -L.MaxOf(-x);
}

/// <summary>
/// y = the best of each series, not-a-number if it has one. The fast pass also adds up 0 * x, which is not a number as soon
/// as something is not finite; then a careful pass decides.
/// </summary>
/// <typeparam name="TOrder">Largest or smallest.</typeparam>
public readonly ref struct ExtremeForward<TOrder> : ISimdKernel
    where TOrder : struct, IOrder
{
    /// <summary>The shape; the length is not 0.</summary>
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
        L a = L.Splat(TOrder.Worst), b = a, zero = L.Zero, check = L.Zero;
        int n = L.Count, i = 0;
        for (; i <= x.Length - 2 * n; i += 2 * n)
        {
            L first = L.Load(x, i), second = L.Load(x, i + n);
            a = TOrder.Better(a, first);
            b = TOrder.Better(b, second);
            check = L.MulAdd(first + second, zero, check);
        }

        if (float.IsNaN(L.Sum(check)))
            return Carefully(x, 0, 1, x.Length);
        float best = TOrder.Best(TOrder.Better(a, b));
        for (; i < x.Length; i++)
            best = TOrder.Better(best, x[i]);
        return best;
    }

    private void Columns<L>(ReadOnlySpan<float> x, Span<float> y)
        where L : struct, ILanes<L>
    {
        y.Fill(TOrder.Worst);
        L check = L.Zero;
        Lanes1 checkTail = Lanes1.Zero;
        for (int i = 0; i < Slab.Length; i++)
        {
            ReadOnlySpan<float> row = x.Slice(i * Slab.Inner, y.Length);
            Choose(row, y, ref checkTail, Choose(row, y, ref check, 0));
        }

        if (!float.IsNaN(L.Sum(check) + Lanes1.Sum(checkTail)))
            return;
        for (int j = 0; j < y.Length; j++)
            y[j] = Carefully(x, j, Slab.Inner, Slab.Length);
    }

    private static int Choose<L>(ReadOnlySpan<float> x, Span<float> y, ref L check, int j)
        where L : struct, ILanes<L>
    {
        L zero = L.Zero, sum = check;
        for (; j <= x.Length - L.Count; j += L.Count)
        {
            L element = L.Load(x, j);
            L.Store(TOrder.Better(L.Load(y, j), element), y, j);
            sum = L.MulAdd(element, zero, sum);
        }

        check = sum;
        return j;
    }

    private static float Carefully(ReadOnlySpan<float> x, int first, int step, int length)
    {
        float best = x[first];
        for (int i = 1; i < length; i++)
            best = TOrder.Better(best, x[first + i * step]);
        return best;
    }
}

/// <summary>index = where the best of each series stands first.</summary>
public readonly ref struct ExtremeIndex : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, inner], the best of each series.</summary>
    public required ReadOnlySpan<float> Y { get; init; }

    /// <summary>[outer, inner]</summary>
    public required Span<int> Index { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            if (Slab.Inner == 1)
                Index[outer] = FirstIndex.Row<L>(X.Slice(outer * Slab.Length, Slab.Length), Y[outer]);
            else
                Columns<Lanes1>(outer, Columns<L>(outer, 0));
        }
    }

    private int Columns<L>(int outer, int j)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> x = X[(outer * Slab.Stride)..], y = Y[(outer * Slab.Inner)..];
        for (; j <= Slab.Columns - L.Count; j += L.Count)
            FirstIndex.Columns<L>(x, Slab, y, j, Index[(outer * Slab.Inner + j)..]);
        return j;
    }
}

/// <summary>grad_x += grad_y at the first of the best elements of each series.</summary>
public readonly ref struct ExtremeBackward : ISimdKernel
{
    /// <summary>The shape.</summary>
    public required Slab Slab { get; init; }

    /// <summary>[outer, length, inner]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outer, inner], the best of each series.</summary>
    public required ReadOnlySpan<float> Y { get; init; }

    /// <summary>[outer, inner]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[outer, length, inner], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int outer = 0; outer < Slab.Outer; outer++)
        {
            if (Slab.Inner == 1)
                GradX[outer * Slab.Length + FirstIndex.Row<L>(X.Slice(outer * Slab.Length, Slab.Length), Y[outer])] += GradY[outer];
            else
                Columns<Lanes1>(outer, Columns<L>(outer, 0));
        }
    }

    private int Columns<L>(int outer, int j)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> x = X[(outer * Slab.Stride)..], y = Y[(outer * Slab.Inner)..], gradY = GradY[(outer * Slab.Inner)..];
        Span<float> gradX = GradX[(outer * Slab.Stride)..];
        Span<int> index = stackalloc int[FirstIndex.MaxLanes];
        for (; j <= Slab.Columns - L.Count; j += L.Count)
        {
            FirstIndex.Columns<L>(x, Slab, y, j, index);
            for (int lane = 0; lane < L.Count; lane++)
                gradX[index[lane] * Slab.Inner + j + lane] += gradY[j + lane];
        }

        return j;
    }
}
