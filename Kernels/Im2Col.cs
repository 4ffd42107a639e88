using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// The matrix that makes a convolution a product, [channel, tap row, tap][position], for some channels and some positions:
/// built from planes, or added back to them.
/// </summary>
internal readonly ref struct Im2Col
{
    /// <summary>Most positions.</summary>
    internal const int MaxCount = 128;

    /// <summary>The window.</summary>
    public required Window2d Window { get; init; }

    /// <summary>Channels.</summary>
    public required int Channels { get; init; }

    /// <summary>First position.</summary>
    public required int Start { get; init; }

    /// <summary>Positions.</summary>
    public required int Count { get; init; }

    /// <summary>Distance between planes, which begin at the first row that <see cref="Start"/> meets.</summary>
    public required int PlaneLength { get; init; }

    /// <summary>Rows of the matrix.</summary>
    public int Depth => Channels * Window.Taps;

    /// <summary>
    /// Writes the matrix in panels of <paramref name="width"/> columns, [panel][row][width], the last one padded with zeros. Row
    /// after row: planes are read along their rows, which may be a page apart, and each panel is written from top to bottom.
    /// </summary>
    /// <param name="planes">Planes in the form that <see cref="PaddedPlanes.Band"/> gives.</param>
    /// <param name="width">Columns of a panel.</param>
    /// <param name="to">The panels.</param>
    [SkipLocalsInit]
    public void Pack<L>(ReadOnlySpan<float> planes, int width, Span<float> to)
        where L : struct, ILanes<L>
    {
        int depth = Depth, last = Count / width * width;
        if (last < Count)
            to.Slice(last * depth, width * depth).Clear();
        ReadOnlySpan<Segment> segments = Segments(width, stackalloc Segment[MaxCount]);
        TapGrid taps = Window.Grid;
        int planeLength = PlaneLength, channels = Channels, at = 0;
        for (int channel = 0; channel < channels; channel++)
        {
            for (int row = 0; row < taps.Rows; row++)
            {
                TapCursor tap = taps.Row(row);
                for (int column = 0; column < taps.Columns; column++, taps.Next(ref tap), at += width)
                    CopySegments<L>(planes[(channel * planeLength + tap.Offset)..], segments, to[at..]);
            }
        }
    }

    /// <summary>planes += the matrix, whose rows are <see cref="Count"/> columns long: the gradient of <see cref="Pack"/>.</summary>
    [SkipLocalsInit]
    public void AddTo<L>(ReadOnlySpan<float> matrix, Span<float> planes)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<Segment> segments = Segments(Count, stackalloc Segment[MaxCount]);
        TapGrid taps = Window.Grid;
        int planeLength = PlaneLength, channels = Channels, count = Count, at = 0;
        for (int channel = 0; channel < channels; channel++)
        {
            for (int row = 0; row < taps.Rows; row++)
            {
                TapCursor tap = taps.Row(row);
                for (int column = 0; column < taps.Columns; column++, taps.Next(ref tap), at += count)
                {
                    Span<float> plane = planes[(channel * planeLength + tap.Offset)..];
                    foreach (Segment s in segments)
                        new AddScaled { X = matrix.Slice(at + s.To, s.Length), Y = plane.Slice(s.From, s.Length) }.Run<L>();
                }
            }
        }
    }

    /// <summary>
    /// Positions that lie side by side in a row of the planes and in a panel: where they begin, relative to the planes' first
    /// element and to the first row of the first panel.
    /// </summary>
    private ReadOnlySpan<Segment> Segments(int panelWidth, Span<Segment> room)
    {
        Debug.Assert(Count <= MaxCount);
        int width = Window.OutWidth, step = Window.Stride.Height * Window.RowLength, panel = Depth * panelWidth, used = 0;
        (int row, int column) = (0, Start % width);
        for (int p = 0; p < Count;)
        {
            int inPanel = p % panelWidth, length = Math.Min(Math.Min(width - column, panelWidth - inPanel), Count - p);
            room[used++] = new Segment(row * step + column, p / panelWidth * panel + inPanel, length);
            p += length;
            column += length;
            if (column == width)
                (row, column) = (row + 1, 0);
        }

        return room[..used];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopySegments<L>(ReadOnlySpan<float> from, ReadOnlySpan<Segment> segments, Span<float> to)
        where L : struct, ILanes<L>
    {
        foreach (Segment s in segments)
        {
            ReadOnlySpan<float> source = from.Slice(s.From, s.Length);
            Span<float> target = to.Slice(s.To, s.Length);
            int i = 0;
            for (; i <= source.Length - L.Count; i += L.Count)
                L.Store(L.Load(source, i), target, i);
            if (i < source.Length)
                Rest<L>(source, i, target);
        }
    }

    /// <summary>The end of a segment: one register that overlaps the one before, or what is shorter than a register.</summary>
    private static void Rest<L>(ReadOnlySpan<float> from, int i, Span<float> to)
        where L : struct, ILanes<L>
    {
        if (from.Length >= L.Count)
        {
            L.Store(L.Load(from, from.Length - L.Count), to, from.Length - L.Count);
            return;
        }

        for (; i < from.Length; i++)
            to[i] = from[i];
    }

    private readonly record struct Segment(int From, int To, int Length);
}
