using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y[o, p, q] = bias[o] + Σ weight[o, c, i, j] over the taps (i, j) and channels c that spike there, by additions alone; one image, one band
/// of positions, one tile of outputs. Sums lie channel-last. The weights of one row of taps and one block of channels stay in the first-level
/// cache while all positions pass, and are added row by row, to sums in registers, where a channel is active.
/// </summary>
public readonly ref struct SpikeConv2dForward : ISimdKernel
{
    private const int Width = SpikeConv2dShape.TileWidth;
    private const int Registers = 4;

    /// <summary>Sizes.</summary>
    public required SpikeConv2dShape Shape { get; init; }

    /// <summary>[blocks, Shape.EventsLength], of the image.</summary>
    public required ReadOnlySpan<ushort> Events { get; init; }

    /// <summary>[blocks, bands, Shape.RunsLength], of the image.</summary>
    public required ReadOnlySpan<SpikeRun> Runs { get; init; }

    /// <summary>[blocks, bands, Shape.RowsOfBand], of the image.</summary>
    public required ReadOnlySpan<SpikeRunClass> Classes { get; init; }

    /// <summary>[blocks, rows of taps, taps, channels of the block, 64], of the tile.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[outputs of the tile], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>Number of the band.</summary>
    public required int Band { get; init; }

    /// <summary>[outputs of the tile, positions], of which the band is written.</summary>
    public required Span<float> Y { get; init; }

    /// <summary><see cref="ScratchLength"/> floats, best on a cache line.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(SpikeConv2dShape shape) => shape.BandRows * shape.Window.OutWidth * Width;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Shape.Window;
        int firstRow = Band * Shape.BandRows, first = firstRow * window.OutWidth, all = window.OutCount;
        int positions = Math.Min(Shape.BandRows, window.OutHeight - firstRow) * window.OutWidth, outputs = Y.Length / all;
        Span<float> sums = Scratch[..(positions * Width)];
        Start(sums, Width);
        for (int block = 0; block < Shape.ChannelBlocks; block++)
        {
            int part = block * Shape.Bands + Band;
            ReadOnlySpan<ushort> events = Events.Slice(block * Shape.EventsLength, Shape.EventsLength);
            ReadOnlySpan<SpikeRun> runs = Runs.Slice(part * Shape.RunsLength, Shape.RunsLength);
            ReadOnlySpan<SpikeRunClass> classes = Classes.Slice(part * Shape.RowsOfBand, Shape.RowsOfBand);
            for (int tap = 0; tap < window.Kernel.Height; tap++)
            {
                ReadOnlySpan<float> tile = Weight.Slice((block * window.Kernel.Height + tap) * Shape.TileLength, Shape.TileLength);
                int back = tap / window.Stride.Height * window.OutWidth + first, start = 0;
                foreach (SpikeRunClass each in classes)
                {
                    if ((each.Taps >> tap & 1) != 0)
                        Add<L>(runs[start..each.End], events, tile, back, outputs, sums);
                    start = each.Taps == 0 ? start : each.End;
                }
            }
        }

        Transposed.Copy(sums, Width, outputs, positions, all, Y[first..]);
    }

    private void Start(Span<float> sums, int width)
    {
        Span<float> row = sums[..width];
        row.Clear();
        Bias.CopyTo(row);
        for (int at = width; at < sums.Length; at += width)
            row.CopyTo(sums[at..]);
    }

    private static void Add<L>(ReadOnlySpan<SpikeRun> runs, ReadOnlySpan<ushort> events, ReadOnlySpan<float> tile, int back, int outputs, Span<float> sums)
        where L : struct, ILanes<L>
    {
        int output = 0;
        for (; output <= outputs - Registers * L.Count; output += Registers * L.Count)
            AddFour<L>(runs, events, tile[output..], back, sums[output..]);
        for (; output < outputs; output += L.Count)
            AddOne<L>(runs, events, tile[output..], back, sums[output..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<L>(ReadOnlySpan<SpikeRun> runs, ReadOnlySpan<ushort> events, ReadOnlySpan<float> tile, int back, Span<float> sums)
        where L : struct, ILanes<L>
    {
        int n = L.Count;
        foreach (ref readonly SpikeRun run in runs)
        {
            Span<float> y = Sums(sums, run.At - back, Registers * n);
            L a = L.Load(y, 0), b = L.Load(y, n), c = L.Load(y, 2 * n), d = L.Load(y, 3 * n);
            ref ushort each = ref Unsafe.Add(ref MemoryMarshal.GetReference(events), run.Start);
            for (int i = 0; i < run.Length; i++)
            {
                ReadOnlySpan<float> row = Row(tile, (ushort)(Unsafe.Add(ref each, i) - run.Shift), Registers * n);
                L.AddFrom(ref a, row, 0);
                L.AddFrom(ref b, row, n);
                L.AddFrom(ref c, row, 2 * n);
                L.AddFrom(ref d, row, 3 * n);
            }

            L.Store(a, y, 0);
            L.Store(b, y, n);
            L.Store(c, y, 2 * n);
            L.Store(d, y, 3 * n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne<L>(ReadOnlySpan<SpikeRun> runs, ReadOnlySpan<ushort> events, ReadOnlySpan<float> tile, int back, Span<float> sums)
        where L : struct, ILanes<L>
    {
        foreach (ref readonly SpikeRun run in runs)
        {
            Span<float> y = Sums(sums, run.At - back, L.Count);
            L a = L.Load(y, 0);
            ref ushort each = ref Unsafe.Add(ref MemoryMarshal.GetReference(events), run.Start);
            for (int i = 0; i < run.Length; i++)
                L.AddFrom(ref a, Row(tile, (ushort)(Unsafe.Add(ref each, i) - run.Shift), L.Count), 0);
            L.Store(a, y, 0);
        }
    }

    /// <summary>The weights of an event.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> tile, uint row, int length)
    {
        Debug.Assert(row * Width + length <= tile.Length, "the event is outside its block");
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), row * Width), length);
    }

    /// <summary>The sums of a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<float> Sums(Span<float> sums, int position, int length)
    {
        Debug.Assert(position >= 0 && position * Width + length <= sums.Length, "the position is outside its band");
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(sums), position * Width), length);
    }
}
