namespace SpikeEngine.Kernels;

/// <summary>
/// What the losses need of a softmax row: the largest entry and log_z = ln Σ e^((x - largest) / T). Kept apart, since
/// x - largest is exact where it matters and their sum would not be. The second pass finds the row in the cache.
/// </summary>
internal static class Softmax
{
    /// <summary>ln Σ e^((x_i - largest) * inverseT)</summary>
    public static float LogZ<L>(ReadOnlySpan<float> x, float largest, float inverseT = 1f)
        where L : struct, ILanes<L>
    {
        L a = L.Zero, b = L.Zero, max = L.Splat(largest), scale = L.Splat(inverseT);
        int n = L.Count, i = 0;
        for (; i <= x.Length - 2 * n; i += 2 * n)
        {
            a += LaneMath.Exp((L.Load(x, i) - max) * scale);
            b += LaneMath.Exp((L.Load(x, i + n) - max) * scale);
        }

        for (; i <= x.Length - n; i += n)
            a += LaneMath.Exp((L.Load(x, i) - max) * scale);

        Lanes1 rest = Lanes1.Zero;
        for (; i < x.Length; i++)
            rest += LaneMath.Exp((Lanes1.Load(x, i) - Lanes1.Splat(largest)) * Lanes1.Splat(inverseT));
        return LaneMath.Log(L.Sum(a + b) + Lanes1.Sum(rest));
    }
}

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
                Row<L>(x, y[..Slab.Length]);
            else
                Columns<L>(x, y);
        }
    }

    /// <summary>The first row of x. The next one is asked for meanwhile: memory works while exponentials are taken.</summary>
    private static void Row<L>(ReadOnlySpan<float> x, Span<float> y)
        where L : struct, ILanes<L>
    {
        float largest = Reduce.Max<L>(x[..y.Length]);
        CompensatedSum<L> sum = default;
        int i = 0;
        for (int last = y.Length - y.Length % L.Count; i < last;)
        {
            int end = Math.Min(i + SumForward<Itself>.Block * L.Count, last);
            sum.Add(ExpAndSum<L>(x, largest, y, i, end));
            i = end;
        }

        float total = L.Sum(sum.Value) + Lanes1.Sum(ExpAndSum<Lanes1>(x, largest, y, i, y.Length));
        new ScaleForward { X = y, Factor = 1f / total, Y = y }.Run<L>();
    }

    private static L ExpAndSum<L>(ReadOnlySpan<float> x, float largest, Span<float> y, int i, int end)
        where L : struct, ILanes<L>
    {
        L max = L.Splat(largest), sum = L.Zero;
        for (; i < end; i += L.Count)
        {
            L e = LaneMath.ExpOfNegative(L.Load(x, i) - max);
            sum += e;
            L.Store(e, y, i);
            Prefetch.Line(x, i + y.Length);
        }

        return sum;
    }

    private void Columns<L>(ReadOnlySpan<float> x, Span<float> y)
        where L : struct, ILanes<L>
    {
        Span<float> largest = stackalloc float[ColumnBlock.Width], sums = stackalloc float[ColumnBlock.Width];
        for (int first = 0; first < Slab.Columns; first += ColumnBlock.Width)
        {
            int count = Math.Min(ColumnBlock.Width, Slab.Columns - first), end = Slab.Stride;
            largest.Fill(float.NegativeInfinity);
            for (int at = first; at < end; at += Slab.Inner)
                ColumnBlock.Max<L>(x.Slice(at, count), largest[..count]);

            sums.Clear();
            for (int at = first; at < end; at += Slab.Inner)
            {
                ReadOnlySpan<float> row = x.Slice(at, count);
                ExpAndAdd<Lanes1>(row, largest, y[at..], sums, ExpAndAdd<L>(row, largest, y[at..], sums, 0));
            }

            for (int at = first; at < end; at += Slab.Inner)
                Divide<Lanes1>(y.Slice(at, count), sums, Divide<L>(y.Slice(at, count), sums, 0));
        }
    }

    private static int ExpAndAdd<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> largest, Span<float> y, Span<float> sums, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= x.Length - L.Count; j += L.Count)
        {
            L e = LaneMath.ExpOfNegative(L.Load(x, j) - L.Load(largest, j));
            L.Store(L.Load(sums, j) + e, sums, j);
            L.Store(e, y, j);
        }

        return j;
    }

    private static int Divide<L>(Span<float> y, ReadOnlySpan<float> sums, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= y.Length - L.Count; j += L.Count)
            L.Store(L.Load(y, j) / L.Load(sums, j), y, j);
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
                Columns<L>(y, gradY, gradX);
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

    private void Columns<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> gradX)
        where L : struct, ILanes<L>
    {
        Span<float> dots = stackalloc float[ColumnBlock.Width];
        for (int first = 0; first < Slab.Columns; first += ColumnBlock.Width)
        {
            int count = Math.Min(ColumnBlock.Width, Slab.Columns - first), end = Slab.Stride;
            dots.Clear();
            for (int at = first; at < end; at += Slab.Inner)
            {
                ReadOnlySpan<float> row = y.Slice(at, count);
                AddProducts<Lanes1>(row, gradY[at..], dots, AddProducts<L>(row, gradY[at..], dots, 0));
            }

            for (int at = first; at < end; at += Slab.Inner)
            {
                ReadOnlySpan<float> row = y.Slice(at, count);
                AddEach<Lanes1>(row, gradY[at..], dots, gradX[at..], AddEach<L>(row, gradY[at..], dots, gradX[at..], 0));
            }
        }
    }

    private static int AddProducts<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> dots, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= y.Length - L.Count; j += L.Count)
            L.Store(L.MulAdd(L.Load(y, j), L.Load(gradY, j), L.Load(dots, j)), dots, j);
        return j;
    }

    private static int AddEach<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, ReadOnlySpan<float> dots, Span<float> gradX, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= y.Length - L.Count; j += L.Count)
            L.Store(L.MulAdd(L.Load(y, j), L.Load(gradY, j) - L.Load(dots, j), L.Load(gradX, j)), gradX, j);
        return j;
    }
}
