using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// The matrix that makes a convolution a product, [channel, tap row, tap][position], for some channels and some positions:
/// built from planes, or added back to them.
/// </summary>
internal readonly ref struct Im2Col
{
    /// <summary>Most columns of a panel.</summary>
    internal const int MaxWidth = 256;

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

    /// <summary>Writes the matrix in panels of <paramref name="width"/> columns, [panel][row][width], the last one padded with zeros.</summary>
    /// <param name="planes">Planes in the form that <see cref="PaddedPlanes.Band"/> gives.</param>
    /// <param name="width">Columns of a panel, at most <see cref="MaxWidth"/>.</param>
    /// <param name="to">The panels.</param>
    [SkipLocalsInit]
    public void Pack<L>(ReadOnlySpan<float> planes, int width, Span<float> to)
        where L : struct, ILanes<L>
    {
        Debug.Assert(width <= MaxWidth);
        Span<Segment> room = stackalloc Segment[MaxWidth];
        Window2d window = Window;
        int depth = Depth, planeLength = PlaneLength;
        for (int first = 0; first < Count; first += width)
        {
            int columns = Math.Min(width, Count - first);
            ReadOnlySpan<Segment> segments = Segments(first, columns, room);
            Span<float> panel = to.Slice(first * depth, depth * width);
            if (columns < width)
                panel.Clear();
            int at = 0;
            for (int channel = 0; channel < Channels; channel++)
            {
                for (int row = 0; row < window.Kernel.Height; row++)
                {
                    TapCursor tap = window.TapRow(row);
                    for (int column = 0; column < window.Kernel.Width; column++, tap.Next(), at += width)
                        CopySegments<L>(planes[(channel * planeLength + tap.Offset)..], segments, panel.Slice(at, width));
                }
            }
        }
    }

    /// <summary>planes += the matrix, whose rows are <see cref="Count"/> columns long: the gradient of <see cref="Pack"/>.</summary>
    [SkipLocalsInit]
    public void AddTo<L>(ReadOnlySpan<float> matrix, Span<float> planes)
        where L : struct, ILanes<L>
    {
        Debug.Assert(Count <= MaxWidth);
        ReadOnlySpan<Segment> segments = Segments(0, Count, stackalloc Segment[MaxWidth]);
        Window2d window = Window;
        int at = 0;
        for (int channel = 0; channel < Channels; channel++)
        {
            for (int row = 0; row < window.Kernel.Height; row++)
            {
                TapCursor tap = window.TapRow(row);
                for (int column = 0; column < window.Kernel.Width; column++, tap.Next(), at += Count)
                {
                    Span<float> plane = planes[(channel * PlaneLength + tap.Offset)..];
                    int i = at;
                    foreach (Segment s in segments)
                    {
                        new AddScaled { X = matrix.Slice(i, s.Length), Y = plane.Slice(s.Offset, s.Length) }.Run<L>();
                        i += s.Length;
                    }
                }
            }
        }
    }

    /// <summary>Positions of one row lie side by side; where they begin, relative to the planes' first element.</summary>
    private ReadOnlySpan<Segment> Segments(int first, int count, Span<Segment> room)
    {
        int width = Window.OutWidth, rowLength = Window.RowLength, top = Start / width;
        int used = 0;
        for (int p = Start + first, end = p + count; p < end;)
        {
            (int row, int column) = Math.DivRem(p, width);
            int length = Math.Min(width - column, end - p);
            room[used++] = new Segment((row - top) * Window.Stride.Height * rowLength + column, length);
            p += length;
        }

        return room[..used];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopySegments<L>(ReadOnlySpan<float> from, ReadOnlySpan<Segment> segments, Span<float> to)
        where L : struct, ILanes<L>
    {
        int at = 0;
        foreach (Segment s in segments)
        {
            int end = at + s.Length;
            ReadOnlySpan<float> source = from.Slice(s.Offset, s.Length);
            int i = 0;
            for (; i <= s.Length - L.Count; i += L.Count)
                L.Store(L.Load(source, i), to, at + i);
            if (i < s.Length)
                Rest<L>(source, i, to[at..end]);
            at = end;
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

    private readonly record struct Segment(int Offset, int Length);
}
