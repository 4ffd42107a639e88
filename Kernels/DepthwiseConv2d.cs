namespace SpikeEngine.Kernels;

/// <summary>
/// y[o, p] = bias[o] + Σ_(i, j) weight[o, i, j] * (the element that tap (i, j) meets at p) for one plane and the outputs made
/// from it. Lanes run along a row of positions.
/// </summary>
public readonly ref struct DepthwiseConv2dForward : ISimdKernel
{
    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>[H, W]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outputs, taps]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[outputs], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[outputs, positions]</summary>
    public required Span<float> Y { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(Window2d window) => PaddedPlanes.Length(window, 1, window.RowsFor(window.OutHeight));

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Window;
        TapGrid taps = window.Grid;
        int height = window.OutHeight, width = window.OutWidth, tapCount = window.Taps, step = window.Stride.Height * window.RowLength;
        ReadOnlySpan<float> x = PaddedPlanes.Band(window, X, 1, 0, window.RowsFor(height), 0f, Scratch, out _);
        for (int o = 0; o < Weight.Length / tapCount; o++)
        {
            ReadOnlySpan<float> weight = Weight.Slice(o * tapCount, tapCount);
            float bias = Bias.IsEmpty ? 0f : Bias[o];
            for (int row = 0; row < height; row++)
            {
                Span<float> y = Y.Slice((o * height + row) * width, width);
                ReadOnlySpan<float> from = x[(row * step)..];
                int done = Row<L>(taps, from, weight, bias, y, FourRegisters<L>(taps, from, weight, bias, y));
                done = Row<L>(taps, from, weight, bias, y, TapGrid.LastRegister<L>(done, width));
                Row<Lanes1>(taps, from, weight, bias, y, done);
            }
        }
    }

    // Four registers share the walk along the taps.
    private static int FourRegisters<L>(TapGrid taps, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float bias, Span<float> y)
        where L : struct, ILanes<L>
    {
        int n = L.Count, p = 0;
        for (; p <= y.Length - 4 * n; p += 4 * n)
        {
            L a = L.Splat(bias), b = a, c = a, d = a;
            int w = 0;
            for (int i = 0; i < taps.Rows; i++)
            {
                TapCursor tap = taps.Row(i);
                for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                {
                    L factor = L.Splat(weight[w++]);
                    int at = tap.Offset + p;
                    a = L.MulAdd(factor, L.Load(x, at), a);
                    b = L.MulAdd(factor, L.Load(x, at + n), b);
                    c = L.MulAdd(factor, L.Load(x, at + 2 * n), c);
                    d = L.MulAdd(factor, L.Load(x, at + 3 * n), d);
                }
            }

            L.Store(a, y, p);
            L.Store(b, y, p + n);
            L.Store(c, y, p + 2 * n);
            L.Store(d, y, p + 3 * n);
        }

        return p;
    }

    private static int Row<L>(TapGrid taps, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float bias, Span<float> y, int p)
        where L : struct, ILanes<L>
    {
        for (; p <= y.Length - L.Count; p += L.Count)
        {
            L sum = L.Splat(bias);
            int w = 0;
            for (int i = 0; i < taps.Rows; i++)
            {
                TapCursor tap = taps.Row(i);
                for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                    sum = L.MulAdd(L.Splat(weight[w++]), L.Load(x, tap.Offset + p), sum);
            }

            L.Store(sum, y, p);
        }

        return p;
    }
}

/// <summary>grad_x at the element that tap (i, j) meets at p += Σ_o weight[o, i, j] * grad_y[o, p], for one plane.</summary>
public readonly ref struct DepthwiseConv2dGradX : ISimdKernel
{
    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>[outputs, taps]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[outputs, positions]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[H, W], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary><see cref="DepthwiseConv2dForward.ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Window;
        TapGrid taps = window.Grid;
        int height = window.OutHeight, width = window.OutWidth, tapCount = window.Taps, step = window.Stride.Height * window.RowLength;
        Span<float> planes = window.IsPlain ? GradX : Scratch;
        if (!window.IsPlain)
            planes.Clear();
        for (int o = 0; o < Weight.Length / tapCount; o++)
        {
            ReadOnlySpan<float> weight = Weight.Slice(o * tapCount, tapCount);
            for (int row = 0; row < height; row++)
            {
                ReadOnlySpan<float> gradY = GradY.Slice((o * height + row) * width, width);
                Span<float> to = planes[(row * step)..];
                int w = 0;
                for (int i = 0; i < taps.Rows; i++)
                {
                    TapCursor tap = taps.Row(i);
                    for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                        new AddScaled { X = gradY, Y = to.Slice(tap.Offset, width), Scale = weight[w++] }.Run<L>();
                }
            }
        }

        if (!window.IsPlain)
            PaddedPlanes.AddUnpadded<L>(window, planes, window.RowsFor(height), GradX);
    }
}

/// <summary>grad_weight[o, i, j] += Σ_p grad_y[o, p] * (the element that tap (i, j) meets at p), for one plane.</summary>
public readonly ref struct DepthwiseConv2dGradWeight : ISimdKernel
{
    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>[H, W]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outputs, positions]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[outputs, taps], accumulated.</summary>
    public required Span<float> GradWeight { get; init; }

    /// <summary><see cref="DepthwiseConv2dForward.ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Window;
        TapGrid taps = window.Grid;
        int positions = window.OutCount, tapCount = window.Taps;
        ReadOnlySpan<float> x = PaddedPlanes.Band(window, X, 1, 0, window.RowsFor(window.OutHeight), 0f, Scratch, out _);
        for (int o = 0; o < GradWeight.Length / tapCount; o++)
        {
            ReadOnlySpan<float> gradY = GradY.Slice(o * positions, positions);
            Span<float> gradWeight = GradWeight.Slice(o * tapCount, tapCount);
            int w = 0;
            for (int i = 0; i < taps.Rows; i++)
            {
                TapCursor tap = taps.Row(i);
                for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                    gradWeight[w++] += Dot<L>(window, gradY, x[tap.Offset..]);
            }
        }
    }

    /// <summary>Sum over all positions; the lanes are summed once, at the end.</summary>
    private static float Dot<L>(Window2d window, ReadOnlySpan<float> gradY, ReadOnlySpan<float> x)
        where L : struct, ILanes<L>
    {
        int height = window.OutHeight, width = window.OutWidth, step = window.Stride.Height * window.RowLength, n = L.Count;
        L a = L.Zero, b = L.Zero;
        float rest = 0f;
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<float> g = gradY.Slice(row * width, width), from = x.Slice(row * step, width);
            int p = 0;
            for (; p <= width - 2 * n; p += 2 * n)
            {
                a = L.MulAdd(L.Load(g, p), L.Load(from, p), a);
                b = L.MulAdd(L.Load(g, p + n), L.Load(from, p + n), b);
            }

            for (; p <= width - n; p += n)
                a = L.MulAdd(L.Load(g, p), L.Load(from, p), a);
            for (; p < width; p++)
                rest += g[p] * from[p];
        }

        return L.Sum(a + b) + rest;
    }
}
