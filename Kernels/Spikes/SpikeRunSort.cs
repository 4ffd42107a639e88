using System.Numerics;

namespace SpikeEngine.Kernels;

/// <summary>
/// The runs of one band of positions and one block of channels. Rows of the plane that meet the same rows of taps make a class, and a class
/// is sorted by length, the longest first: a loop over runs of equal length ends where the processor expects it to.
/// </summary>
public readonly ref struct SpikeRunSort
{
    /// <summary>Sizes.</summary>
    public required SpikeConv2dShape Shape { get; init; }

    /// <summary>First row of positions.</summary>
    public required int FirstRow { get; init; }

    /// <summary>Rows of positions.</summary>
    public required int Rows { get; init; }

    /// <summary>[pixels + 1], where the events of each pixel begin.</summary>
    public required ReadOnlySpan<int> Starts { get; init; }

    /// <summary>The runs, overwritten.</summary>
    public required Span<SpikeRun> Runs { get; init; }

    /// <summary>[rows of the plane that a band meets], overwritten; those that are not there have no taps.</summary>
    public required Span<SpikeRunClass> Classes { get; init; }

    /// <summary><see cref="PlacesLength"/> numbers.</summary>
    public required Span<int> Places { get; init; }

    /// <summary>One for each length of a run.</summary>
    public static int PlacesLength(SpikeConv2dShape shape) => shape.Window.Kernel.Width * shape.ChannelBlock + 1;

    /// <summary>Sorts.</summary>
    /// <returns>Pairs of an event and a position that it reaches.</returns>
    public long Sort()
    {
        Window2d window = Shape.Window;
        int top = FirstRow * window.Stride.Height - window.Padding.Height;
        int first = Math.Max(0, top), end = Math.Min(window.Height, top + window.RowsFor(Rows));
        int classes = 0, runs = 0;
        long pairs = 0;
        for (int row = first; row < end; row++)
        {
            ulong taps = Taps(row);
            if (taps == 0 || IsKnown(taps, Classes[..classes]))
                continue;
            pairs += BitOperations.PopCount(taps) * AddClass(taps, row, end, ref runs);
            Classes[classes++] = new SpikeRunClass(taps, runs);
        }

        Classes[classes..].Clear();
        return pairs;
    }

    /// <summary>The rows of taps that meet a row of the plane at some row of positions of the band.</summary>
    private ulong Taps(int row)
    {
        Window2d window = Shape.Window;
        ulong taps = 0;
        for (int tap = 0; tap < window.Kernel.Height; tap++)
        {
            (int position, int rest) = Math.DivRem(row + window.Padding.Height - tap, window.Stride.Height);
            if (rest == 0 && position >= FirstRow && position < FirstRow + Rows)
                taps |= 1UL << tap;
        }

        return taps;
    }

    private static bool IsKnown(ulong taps, ReadOnlySpan<SpikeRunClass> classes)
    {
        foreach (SpikeRunClass each in classes)
        {
            if (each.Taps == taps)
                return true;
        }

        return false;
    }

    /// <summary>Counts the lengths, and puts every run to its place.</summary>
    private long AddClass(ulong taps, int first, int end, ref int runs)
    {
        Places.Clear();
        for (int row = first; row < end; row++)
        {
            if (Taps(row) == taps)
                Count(row);
        }

        int silent = 0;
        long events = 0;
        for (int length = Places.Length - 1, next = runs; length >= 0; length--)
        {
            int count = Places[length];
            Places[length] = silent = next;
            next += count;
            events += (long)count * length;
        }

        for (int row = first; row < end; row++)
        {
            if (Taps(row) == taps)
                Place(row);
        }

        runs = silent;   // those without an event are the last, and the next class may have their places
        return events;
    }

    private void Count(int row)
    {
        Window2d window = Shape.Window;
        ReadOnlySpan<int> starts = Starts.Slice(row * window.Width, window.Width + 1);
        Span<int> places = Places;
        int width = window.Width, kernel = window.Kernel.Width, stride = window.Stride.Width, column = -window.Padding.Width, outWidth = window.OutWidth;
        for (int q = 0; q < outWidth; q++, column += stride)
            places[starts[Math.Clamp(column + kernel, 0, width)] - starts[Math.Clamp(column, 0, width)]]++;
    }

    private void Place(int row)
    {
        Window2d window = Shape.Window;
        ReadOnlySpan<int> starts = Starts.Slice(row * window.Width, window.Width + 1);
        Span<int> places = Places;
        Span<SpikeRun> runs = Runs;
        int width = window.Width, kernel = window.Kernel.Width, stride = window.Stride.Width, column = -window.Padding.Width, outWidth = window.OutWidth;
        int block = Shape.ChannelBlock, at = (row + window.Padding.Height) / window.Stride.Height * outWidth;
        for (int q = 0; q < outWidth; q++, column += stride)
        {
            int start = starts[Math.Clamp(column, 0, width)], length = starts[Math.Clamp(column + kernel, 0, width)] - start;
            runs[places[length]++] = new SpikeRun(start, length, column * block, at + q);
        }
    }
}
