using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Y[m, n] = start + scale · (S[m, k] · W[k, n]) for integer spikes S and weights in bytes, by additions and subtractions alone, as
/// <see cref="SpikeMatMul{TWeight}"/>: the running sums have 16 bits, so that a register holds twice as many as of floats. They are whole
/// numbers and therefore exact; a block is short enough for them, and the sums over blocks have 32 bits.
/// </summary>
public readonly ref struct Int8SpikeMatMul : IIntegerKernel
{
    /// <summary>Inputs in a block, at most: so many bytes of at most 127 add up to less than 2^15.</summary>
    public const int LongestBlock = 256;

    private const int Registers = 8;
    private const int MaxLanes = 32;

    /// <summary>Sizes of S; blocks of at most <see cref="LongestBlock"/>.</summary>
    public required SpikeBlocks Blocks { get; init; }

    /// <summary>S, from <see cref="SpikeEncode.Events"/>.</summary>
    public required ReadOnlySpan<ushort> Events { get; init; }

    /// <summary>S, from <see cref="SpikeEncode.Ends"/>.</summary>
    public required ReadOnlySpan<ushort> Ends { get; init; }

    /// <summary>W, [k, stride], from the first column on.</summary>
    public required ReadOnlySpan<sbyte> Weight { get; init; }

    /// <summary>Distance between rows of W.</summary>
    public required int Stride { get; init; }

    /// <summary>[n], the factor of each column.</summary>
    public required ReadOnlySpan<float> Scales { get; init; }

    /// <summary>[n], added to every row; empty for nothing.</summary>
    public ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[m, n], from the first column on.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Distance between rows of Y.</summary>
    public required int YStride { get; init; }

    /// <summary><see cref="ScratchLength"/> floats, best on a cache line.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Columns that are worked on together at the width in use.</summary>
    public static int Width => Registers * Simd.IntegerLanes;

    /// <summary>Room that the kernel needs at the width in use: a block of weights in 16 bits, and sums of all vectors in 32.</summary>
    public static int ScratchLength(SpikeBlocks blocks) => Width * (blocks.Vectors + (blocks.BlockLength + 1) / 2);

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        Debug.Assert(Blocks.BlockLength <= LongestBlock, "a sum could leave its 16 bits");
        int width = Registers * I.Count;
        Span<int> sums = MemoryMarshal.Cast<float, int>(Scratch[..(width * Blocks.Vectors)]);
        Span<short> tile = MemoryMarshal.Cast<float, short>(Scratch[(width * Blocks.Vectors)..]);
        for (int column = 0; column < Scales.Length; column += width)
        {
            int count = Math.Min(width, Scales.Length - column);
            sums.Clear();
            for (int block = 0; block < Blocks.Blocks; block++)
            {
                Copy<I>(block * Blocks.BlockLength, Blocks.Length(block), column, count, tile);
                for (int vector = 0; vector < Blocks.Vectors; vector++)
                {
                    int slot = Blocks.Slot(block, vector);
                    Add<I>(Events[(slot * Blocks.SlotLength)..], Ends.Slice(slot * Blocks.Runs, Blocks.Runs), tile, sums.Slice(vector * width, width));
                }
            }

            for (int vector = 0; vector < Blocks.Vectors; vector++)
            {
                ScaleSums.Run(
                    sums.Slice(vector * width, count), Scales[column..], Bias.IsEmpty ? Bias : Bias[column..], Y.Slice(vector * YStride + column, count));
            }
        }
    }

    /// <summary>Rows of a block beside some columns in 16 bits, [rows][width]; columns that are not there are 0.</summary>
    private void Copy<I>(int first, int rows, int column, int count, Span<short> tile)
        where I : struct, IIntegerLanes<I>
    {
        int width = Registers * I.Count;
        Span<sbyte> edge = stackalloc sbyte[Registers * MaxLanes];
        edge.Clear();
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<sbyte> weights = Weight.Slice((first + row) * Stride + column, count);
            if (count < width)
            {
                weights.CopyTo(edge);
                Widen<I>(edge, tile.Slice(row * width, width));
            }
            else
            {
                Widen<I>(weights, tile.Slice(row * width, width));
            }
        }
    }

    private static void Widen<I>(ReadOnlySpan<sbyte> weights, Span<short> to)
        where I : struct, IIntegerLanes<I>
    {
        for (int i = 0; i < to.Length; i += I.Count)
            I.Store(I.Widen(weights, i), to, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<I>(ReadOnlySpan<ushort> events, ReadOnlySpan<ushort> ends, ReadOnlySpan<short> tile, Span<int> y)
        where I : struct, IIntegerLanes<I>
    {
        int n = I.Count, width = Registers * n, spike = 0;
        I a = I.Zero, b = I.Zero, c = I.Zero, d = I.Zero, e = I.Zero, f = I.Zero, g = I.Zero, h = I.Zero;
        for (int run = 0; run < ends.Length; run += 2)
        {
            for (int end = ends[run]; spike < end; spike++)
            {
                ReadOnlySpan<short> row = Row(tile, events, spike, width);
                I.AddFrom(ref a, row, 0);
                I.AddFrom(ref b, row, n);
                I.AddFrom(ref c, row, 2 * n);
                I.AddFrom(ref d, row, 3 * n);
                I.AddFrom(ref e, row, 4 * n);
                I.AddFrom(ref f, row, 5 * n);
                I.AddFrom(ref g, row, 6 * n);
                I.AddFrom(ref h, row, 7 * n);
            }

            for (int end = ends[run + 1]; spike < end; spike++)
            {
                ReadOnlySpan<short> row = Row(tile, events, spike, width);
                I.SubtractFrom(ref a, row, 0);
                I.SubtractFrom(ref b, row, n);
                I.SubtractFrom(ref c, row, 2 * n);
                I.SubtractFrom(ref d, row, 3 * n);
                I.SubtractFrom(ref e, row, 4 * n);
                I.SubtractFrom(ref f, row, 5 * n);
                I.SubtractFrom(ref g, row, 6 * n);
                I.SubtractFrom(ref h, row, 7 * n);
            }

            // Nothing has been active at this level or above: nothing to add.
            if (spike == 0)
                continue;
            I.AddWide(a, y, 0);
            I.AddWide(b, y, n);
            I.AddWide(c, y, 2 * n);
            I.AddWide(d, y, 3 * n);
            I.AddWide(e, y, 4 * n);
            I.AddWide(f, y, 5 * n);
            I.AddWide(g, y, 6 * n);
            I.AddWide(h, y, 7 * n);
        }
    }

    /// <summary>The weights of an active input: one address for all eight registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<short> Row(ReadOnlySpan<short> tile, ReadOnlySpan<ushort> events, int spike, int width)
    {
        Debug.Assert(spike < events.Length && (events[spike] + 1) * width <= tile.Length, "the event is outside its block");
        int at = Unsafe.Add(ref MemoryMarshal.GetReference(events), spike) * width;
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), (uint)at), width);
    }

}
