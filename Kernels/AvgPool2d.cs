namespace SpikeEngine.Kernels;

/// <summary>
/// y = the sum over the window / (RowCounts * ColumnCounts), for each plane; the padding is 0. The divisor is the size of the
/// window, or of the part of it that is not padding.
/// </summary>
public readonly ref struct AvgPool2dForward : ISimdKernel
{
    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>[H, W] for each plane.</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[out height]: rows of the window that count.</summary>
    public required ReadOnlySpan<float> RowCounts { get; init; }

    /// <summary>[out width]: columns of the window that count.</summary>
    public required ReadOnlySpan<float> ColumnCounts { get; init; }

    /// <summary>[planes, positions]</summary>
    public required Span<float> Y { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(Window2d window) => PaddedPlanes.Length(window, 1, window.RowsFor(window.OutHeight));

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Window;
        TapGrid taps = window.Grid;
        int height = window.OutHeight, width = window.OutWidth, step = window.Stride.Height * window.RowLength;
        for (int plane = 0; plane < X.Length / window.PlaneLength; plane++)
        {
            ReadOnlySpan<float> x = X.Slice(plane * window.PlaneLength, window.PlaneLength);
            x = PaddedPlanes.Band(window, x, 1, 0, window.RowsFor(height), 0f, Scratch, out _);
            for (int row = 0; row < height; row++)
            {
                Span<float> y = Y.Slice((plane * height + row) * width, width);
                if (width == 1 && window.IsPlain)
                {
                    // Nothing for lanes to do along the positions, as in a pool over whole planes: they run along the taps.
                    y[0] = SumRows<L>(taps, x[(row * step)..], window.RowLength) / (RowCounts[row] * ColumnCounts[0]);
                    continue;
                }

                int done = Row<L>(taps, x[(row * step)..], RowCounts[row], ColumnCounts, y, 0);
                done = Row<L>(taps, x[(row * step)..], RowCounts[row], ColumnCounts, y, TapGrid.LastRegister<L>(done, width));
                Row<Lanes1>(taps, x[(row * step)..], RowCounts[row], ColumnCounts, y, done);
            }
        }
    }

    private static float SumRows<L>(TapGrid taps, ReadOnlySpan<float> x, int rowLength)
        where L : struct, ILanes<L>
    {
        float sum = 0f;
        for (int i = 0; i < taps.Rows; i++)
            sum += Reduce.Sum<L>(x.Slice(i * rowLength, taps.Columns));
        return sum;
    }

    private static int Row<L>(TapGrid taps, ReadOnlySpan<float> x, float rows, ReadOnlySpan<float> columns, Span<float> y, int p)
        where L : struct, ILanes<L>
    {
        for (; p <= y.Length - L.Count; p += L.Count)
        {
            L sum = L.Zero;
            for (int i = 0; i < taps.Rows; i++)
            {
                TapCursor tap = taps.Row(i);
                for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                    sum += L.Load(x, tap.Offset + p);
            }

            L.Store(sum / (L.Splat(rows) * L.Load(columns, p)), y, p);
        }

        return p;
    }
}

/// <summary>grad_x of every element in the window += grad_y / (RowCounts * ColumnCounts).</summary>
public readonly ref struct AvgPool2dBackward : ISimdKernel
{
    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>[planes, positions]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[out height]: rows of the window that count.</summary>
    public required ReadOnlySpan<float> RowCounts { get; init; }

    /// <summary>[out width]: columns of the window that count.</summary>
    public required ReadOnlySpan<float> ColumnCounts { get; init; }

    /// <summary>[planes, H, W], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary><see cref="AvgPool2dForward.ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>A register of positions adds all its taps before the next one: the width decides the order in which they meet.</summary>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Window;
        TapGrid taps = window.Grid;
        int height = window.OutHeight, width = window.OutWidth, step = window.Stride.Height * window.RowLength;
        for (int plane = 0; plane < GradX.Length / window.PlaneLength; plane++)
        {
            Span<float> gradX = GradX.Slice(plane * window.PlaneLength, window.PlaneLength), target = window.IsPlain ? gradX : Scratch;
            if (!window.IsPlain)
                target.Clear();
            for (int row = 0; row < height; row++)
            {
                ReadOnlySpan<float> gradY = GradY.Slice((plane * height + row) * width, width);
                int done = Row<L>(taps, gradY, RowCounts[row], ColumnCounts, target[(row * step)..], 0);
                Row<Lanes1>(taps, gradY, RowCounts[row], ColumnCounts, target[(row * step)..], done);
            }

            if (!window.IsPlain)
                PaddedPlanes.AddUnpadded<L>(window, target, window.RowsFor(height), gradX);
        }
    }

    private static int Row<L>(
        TapGrid taps, ReadOnlySpan<float> gradY, float rows, ReadOnlySpan<float> columns, Span<float> gradX, int p)
        where L : struct, ILanes<L>
    {
        for (; p <= gradY.Length - L.Count; p += L.Count)
        {
            L share = L.Load(gradY, p) / (L.Splat(rows) * L.Load(columns, p));
            for (int i = 0; i < taps.Rows; i++)
            {
                TapCursor tap = taps.Row(i);
                for (int j = 0; j < taps.Columns; j++, taps.Next(ref tap))
                    L.Store(L.Load(gradX, tap.Offset + p) + share, gradX, tap.Offset + p);
            }
        }

        return p;
    }
}
