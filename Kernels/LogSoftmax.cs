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
                Columns<L>(x, y);
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

    private void Columns<L>(ReadOnlySpan<float> x, Span<float> y)
        where L : struct, ILanes<L>
    {
        Span<float> largest = stackalloc float[ColumnBlock.Width], logs = stackalloc float[ColumnBlock.Width];
        for (int first = 0; first < Slab.Columns; first += ColumnBlock.Width)
        {
            int count = Math.Min(ColumnBlock.Width, Slab.Columns - first), end = Slab.Stride;
            largest.Fill(float.NegativeInfinity);
            for (int at = first; at < end; at += Slab.Inner)
                ColumnBlock.Max<L>(x.Slice(at, count), largest[..count]);

            logs.Clear();
            for (int at = first; at < end; at += Slab.Inner)
                LogSumExpForward.AddExp<L>(x.Slice(at, count), largest, logs);
            foreach (ref float sum in logs[..count])
                sum = LaneMath.Log(sum);

            for (int at = first; at < end; at += Slab.Inner)
            {
                ReadOnlySpan<float> row = x.Slice(at, count);
                SubtractEach<Lanes1>(row, largest, logs, y[at..], SubtractEach<L>(row, largest, logs, y[at..], 0));
            }
        }
    }

    private static int SubtractEach<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> largest, ReadOnlySpan<float> logs, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= x.Length - L.Count; j += L.Count)
            L.Store(L.Load(x, j) - L.Load(largest, j) - L.Load(logs, j), y, j);
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
                Columns<L>(y, gradY, gradX);
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

    private void Columns<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> gradX)
        where L : struct, ILanes<L>
    {
        Span<float> sums = stackalloc float[ColumnBlock.Width];
        for (int first = 0; first < Slab.Columns; first += ColumnBlock.Width)
        {
            int count = Math.Min(ColumnBlock.Width, Slab.Columns - first), end = Slab.Stride;
            sums.Clear();
            for (int at = first; at < end; at += Slab.Inner)
                new AddScaled { X = gradY.Slice(at, count), Y = sums[..count] }.Run<L>();
            for (int at = first; at < end; at += Slab.Inner)
            {
                ReadOnlySpan<float> row = y.Slice(at, count);
                AddEach<Lanes1>(row, gradY[at..], sums, gradX[at..], AddEach<L>(row, gradY[at..], sums, gradX[at..], 0));
            }
        }
    }

    private static int AddEach<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, ReadOnlySpan<float> sums, Span<float> gradX, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= y.Length - L.Count; j += L.Count)
            L.Store(L.Load(gradX, j) + L.MulAdd(LaneMath.Exp(L.Load(y, j)), -L.Load(sums, j), L.Load(gradY, j)), gradX, j);
        return j;
    }
}
