namespace SpikeEngine.Kernels;

/// <summary>y = the largest element in the window, for each plane; the padding is -∞. Not-a-number wins.</summary>
public readonly ref struct MaxPool2dForward : ISimdKernel
{
    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>[planes, H, W]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[planes, positions]</summary>
    public required Span<float> Y { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(Window2d window) => MaxPoolByTwo.Takes(window) ? MaxPoolByTwo.ForwardScratch(window) : PaddedLength(window);

    /// <summary>Floats of a plane with its padding.</summary>
    internal static int PaddedLength(Window2d window) => PaddedPlanes.Length(window, 1, window.RowsFor(window.OutHeight));

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Window;
        TapGrid taps = window.Grid;
        int height = window.OutHeight, width = window.OutWidth, step = window.Stride.Height * window.RowLength;
        bool byTwo = MaxPoolByTwo.Takes(window);
        for (int plane = 0; plane < X.Length / window.PlaneLength; plane++)
        {
            ReadOnlySpan<float> x = X.Slice(plane * window.PlaneLength, window.PlaneLength);
            if (byTwo)
            {
                MaxPoolByTwo.Forward<L>(window, x, Y.Slice(plane * window.OutCount, window.OutCount), Scratch);
                continue;
            }

            x = PaddedPlanes.Band(window, x, 1, 0, window.RowsFor(height), float.NegativeInfinity, Scratch, out _);
            for (int row = 0; row < height; row++)
            {
                Span<float> y = Y.Slice((plane * height + row) * width, width);
                int done = Row<L>(taps, x[(row * step)..], y, 0);
                done = Row<L>(taps, x[(row * step)..], y, TapGrid.LastRegister<L>(done, width));
                Row<Lanes1>(taps, x[(row * step)..], y, done);
            }
        }
    }

    private static int Row<L>(TapGrid taps, ReadOnlySpan<float> x, Span<float> y, int p)
        where L : struct, ILanes<L>
    {
        for (; p <= y.Length - L.Count; p += L.Count)
        {
            L max = L.Splat(float.NegativeInfinity);
            for (int i = 0; i < taps.Rows; i++)
            {
                TapCursor tap = taps.Row(i);
                for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                {
                    // Max gives x when x is no number; a max that is none, and so not itself, stays.
                    max = L.Select(L.Equal(max, max), L.Max(max, L.Load(x, tap.Offset + p)), max);
                }
            }

            L.Store(max, y, p);
        }

        return p;
    }
}

/// <summary>grad_x at the first largest element of each window += grad_y.</summary>
public readonly ref struct MaxPool2dBackward : ISimdKernel
{
    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>[planes, H, W]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[planes, positions], from the forward pass.</summary>
    public required ReadOnlySpan<float> Y { get; init; }

    /// <summary>[planes, positions]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[planes, H, W], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(Window2d window) =>
        MaxPoolByTwo.Takes(window) ? MaxPoolByTwo.BackwardScratch(window) : 2 * MaxPool2dForward.PaddedLength(window) + window.OutWidth;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Window;
        TapGrid taps = window.Grid;
        int height = window.OutHeight, width = window.OutWidth, rows = window.RowsFor(height), step = window.Stride.Height * window.RowLength;
        if (MaxPoolByTwo.Takes(window))
        {
            ByTwo<L>();
            return;
        }

        ScratchCutter scratch = new(Scratch);
        Span<float> padded = scratch.Take(MaxPool2dForward.PaddedLength(window)), grads = scratch.Take(padded.Length);
        Span<float> rest = scratch.Take(width);
        for (int plane = 0; plane < X.Length / window.PlaneLength; plane++)
        {
            ReadOnlySpan<float> x = X.Slice(plane * window.PlaneLength, window.PlaneLength);
            x = PaddedPlanes.Band(window, x, 1, 0, rows, float.NegativeInfinity, padded, out _);
            Span<float> gradX = GradX.Slice(plane * window.PlaneLength, window.PlaneLength), target = window.IsPlain ? gradX : grads;
            if (!window.IsPlain)
                target.Clear();
            for (int row = 0; row < height; row++)
            {
                int at = (plane * height + row) * width;
                ReadOnlySpan<float> y = Y.Slice(at, width), gradY = GradY.Slice(at, width);
                gradY.CopyTo(rest);
                Row<L>(taps, x[(row * step)..], y, rest, target[(row * step)..]);
            }

            if (!window.IsPlain)
                PaddedPlanes.AddUnpadded<L>(window, target, rows, gradX);
        }
    }

    private void ByTwo<L>()
        where L : struct, ILanes<L>
    {
        int count = Window.OutCount, length = Window.PlaneLength;
        for (int plane = 0; plane < X.Length / length; plane++)
        {
            MaxPoolByTwo.Backward<L>(
                Window, X.Slice(plane * length, length), Y.Slice(plane * count, count), GradY.Slice(plane * count, count), GradX.Slice(plane * length, length), Scratch);
        }
    }

    /// <summary>
    /// Tap by tap over all positions: an element that several windows share gets its gradients in the order of the taps, whatever
    /// the register width.
    /// </summary>
    private static void Row<L>(TapGrid taps, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> rest, Span<float> gradX)
        where L : struct, ILanes<L>
    {
        for (int i = 0; i < taps.Rows; i++)
        {
            TapCursor tap = taps.Row(i);
            for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                Tap<Lanes1>(x[tap.Offset..], y, rest, gradX[tap.Offset..], Tap<L>(x[tap.Offset..], y, rest, gradX[tap.Offset..], 0));
        }
    }

    /// <summary>Whoever is not below the largest takes what is left: all of it, or nothing after the first.</summary>
    private static int Tap<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> rest, Span<float> gradX, int p)
        where L : struct, ILanes<L>
    {
        for (; p <= y.Length - L.Count; p += L.Count)
        {
            L left = L.Load(rest, p), share = L.Select(L.LessThan(L.Load(x, p), L.Load(y, p)), L.Zero, left);
            L.Store(left - share, rest, p);
            L.Store(L.Load(gradX, p) + share, gradX, p);
        }

        return p;
    }
}
