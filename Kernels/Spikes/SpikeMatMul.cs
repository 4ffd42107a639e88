using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Y[m, n] = start + S[m, k] · B[k, n] for integer spikes S, by additions and subtractions alone. A block of B beside eight registers of
/// outputs is copied once, lies in the first-level cache while all vectors of spikes pass, and is added row by row where an input is
/// active. Levels as in <see cref="SpikeMatVec{TCode, T}"/>: each active input is read and added once, by falling level, and the running sum is
/// added to y once per level.
/// </summary>
/// <typeparam name="TWeight">Where the weights come from.</typeparam>
public readonly ref struct SpikeMatMul<TWeight> : ISimdKernel
    where TWeight : struct, IWeightBlocks, allows ref struct
{
    private const int Registers = SpikeBlocks.Registers;
    private const int Ahead = 2;   // vectors: long enough for what they add to to come from the second-level cache

    /// <summary>Sizes of S.</summary>
    public required SpikeBlocks Blocks { get; init; }

    /// <summary>S, from <see cref="SpikeEncode.Events"/>.</summary>
    public required ReadOnlySpan<ushort> Events { get; init; }

    /// <summary>S, from <see cref="SpikeEncode.Ends"/>.</summary>
    public required ReadOnlySpan<ushort> Ends { get; init; }

    /// <summary>B, [k, n], from the first column on.</summary>
    public required TWeight B { get; init; }

    /// <summary>Columns of B and Y.</summary>
    public required int N { get; init; }

    /// <summary>[m, n], from the first column on.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Distance between rows of Y.</summary>
    public required int YStride { get; init; }

    /// <summary>What the product is added to: [m, n] from the first column on, which may be Y, or one row for all; empty for nothing.</summary>
    public ReadOnlySpan<float> Start { get; init; }

    /// <summary>Distance between rows of <see cref="Start"/>; 0 for one row for all.</summary>
    public int StartStride { get; init; }

    /// <summary><see cref="SpikeBlocks.ScratchLength"/> floats, best on a cache line.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        SpikeBlocks blocks = Blocks;
        int width = Registers * L.Count;
        Span<float> edge = Scratch[^width..];
        for (int column = 0; column < N; column += width)
        {
            int count = Math.Min(width, N - column);
            for (int block = 0; block < blocks.Blocks; block++)
            {
                Span<float> tile = Scratch[..(blocks.Length(block) * width)];
                B.Copy<L>(block * blocks.BlockLength, column, count, width, tile);
                for (int vector = 0; vector < blocks.Vectors; vector++)
                {
                    int slot = blocks.Slot(block, vector);
                    ReadOnlySpan<ushort> events = Events[(slot * blocks.SlotLength)..], ends = Ends.Slice(slot * blocks.Runs, blocks.Runs);
                    Span<float> y = Y.Slice(vector * YStride + column, count);
                    if (vector + Ahead < blocks.Vectors)
                        Prefetch.Lines(Y.Slice((vector + Ahead) * YStride + column, count));
                    ReadOnlySpan<float> start = block > 0 ? y : Start.IsEmpty ? [] : Start.Slice(vector * StartStride + column, count);
                    if (count == width)
                    {
                        Add<L>(events, ends, tile, start, y);
                        continue;
                    }

                    // By way of a full row of registers, so that every sum has the same order at any width.
                    start.CopyTo(edge);
                    Add<L>(events, ends, tile, start.IsEmpty ? [] : edge, edge);
                    edge[..count].CopyTo(y);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<L>(ReadOnlySpan<ushort> events, ReadOnlySpan<ushort> ends, ReadOnlySpan<float> tile, ReadOnlySpan<float> start, Span<float> y)
        where L : struct, ILanes<L>
    {
        int n = L.Count, width = Registers * n, spike = 0;
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero, e = L.Zero, f = L.Zero, g = L.Zero, h = L.Zero;
        for (int run = 0; run < ends.Length; run += 2)
        {
            // What the lowest level adds to is read before its events, so that it need not be waited for.
            bool isLast = run == ends.Length - 2;
            if (isLast && !start.IsEmpty)
            {
                a += L.Load(start, 0);
                b += L.Load(start, n);
                c += L.Load(start, 2 * n);
                d += L.Load(start, 3 * n);
                e += L.Load(start, 4 * n);
                f += L.Load(start, 5 * n);
                g += L.Load(start, 6 * n);
                h += L.Load(start, 7 * n);
                start = [];
            }

            for (int end = ends[run]; spike < end; spike++)
            {
                ReadOnlySpan<float> row = Row(tile, events, spike, width);
                L.AddFrom(ref a, row, 0);
                L.AddFrom(ref b, row, n);
                L.AddFrom(ref c, row, 2 * n);
                L.AddFrom(ref d, row, 3 * n);
                L.AddFrom(ref e, row, 4 * n);
                L.AddFrom(ref f, row, 5 * n);
                L.AddFrom(ref g, row, 6 * n);
                L.AddFrom(ref h, row, 7 * n);
            }

            for (int end = ends[run + 1]; spike < end; spike++)
            {
                ReadOnlySpan<float> row = Row(tile, events, spike, width);
                L.SubtractFrom(ref a, row, 0);
                L.SubtractFrom(ref b, row, n);
                L.SubtractFrom(ref c, row, 2 * n);
                L.SubtractFrom(ref d, row, 3 * n);
                L.SubtractFrom(ref e, row, 4 * n);
                L.SubtractFrom(ref f, row, 5 * n);
                L.SubtractFrom(ref g, row, 6 * n);
                L.SubtractFrom(ref h, row, 7 * n);
            }

            // Nothing has been active at this level or above: nothing to add.
            if (spike == 0 && !isLast)
                continue;
            Put(a, start, y, 0);
            Put(b, start, y, n);
            Put(c, start, y, 2 * n);
            Put(d, start, y, 3 * n);
            Put(e, start, y, 4 * n);
            Put(f, start, y, 5 * n);
            Put(g, start, y, 6 * n);
            Put(h, start, y, 7 * n);
            start = y;
        }
    }

    /// <summary>The weights of an active input: one address for all eight registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> tile, ReadOnlySpan<ushort> events, int spike, int width)
    {
        Debug.Assert(spike < events.Length && (events[spike] + 1) * width <= tile.Length, "the event is outside its block");
        int at = Unsafe.Add(ref MemoryMarshal.GetReference(events), spike) * width;
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), (uint)at), width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<L>(L running, ReadOnlySpan<float> start, Span<float> y, int at)
        where L : struct, ILanes<L> => L.Store(start.IsEmpty ? running : L.Load(start, at) + running, y, at);
}
