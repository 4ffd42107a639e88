using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Y[m, n] = scale · (S[m, k] · W[k, n]) + bias for integer spikes S and weights in bytes, every weight multiplied: the dense competitor of
/// <see cref="Int8SpikeMatMul"/>. One instruction multiplies bytes and adds neighbouring products; spikes are small, so sums of 16 bits
/// hold for many steps before they are added to sums of 32. Spikes are shifted by D, since that instruction takes unsigned
/// bytes; D times the sum of a column of W is taken away at the end. Whole numbers all the way: exact.
/// </summary>
public readonly ref struct Int8DenseMatMul : IIntegerKernel
{
    private const int MaxLanes = 32;

    /// <summary>S, from <see cref="SpikeBytes"/>.</summary>
    public required ReadOnlySpan<uint> Spikes { get; init; }

    /// <summary>W, from <see cref="Int8Panels"/>.</summary>
    public required ReadOnlySpan<sbyte> Packed { get; init; }

    /// <summary>From <see cref="Int8Panels"/>.</summary>
    public required ReadOnlySpan<int> ColumnSums { get; init; }

    /// <summary>D.</summary>
    public required int Levels { get; init; }

    /// <summary>Rows of S and Y.</summary>
    public required int M { get; init; }

    /// <summary>Length of the sums.</summary>
    public required int K { get; init; }

    /// <summary>[n], the factor of each column.</summary>
    public required ReadOnlySpan<float> Scales { get; init; }

    /// <summary>[n], added to every row; empty for nothing.</summary>
    public ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[m, n], from the first column on.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Distance between rows of Y.</summary>
    public required int YStride { get; init; }

    /// <summary>Steps for which a sum of 16 bits holds, each of two products of at most 2 D times 127 (or 128, for bytes of any origin).</summary>
    internal static int StepsIn16Bits(int levels) => short.MaxValue / (2 * 2 * levels * -sbyte.MinValue);

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        int groups = Int8Panels.Groups(K), width = I.Count;
        Span<int> sums = stackalloc int[SpikeBytes.Rows * MaxLanes];
        for (int tile = 0; tile < SpikeBytes.Tiles(M); tile++)
        {
            ReadOnlySpan<uint> spikes = Spikes.Slice(tile * groups * SpikeBytes.Rows, groups * SpikeBytes.Rows);
            for (int column = 0; column < Scales.Length; column += width)
            {
                ReadOnlySpan<sbyte> panel = Packed.Slice(column * groups * Int8Panels.Together, width * groups * Int8Panels.Together);
                Tile<I>(spikes, panel, groups, ColumnSums.Slice(column, width), sums);
                int count = Math.Min(width, Scales.Length - column), rows = Math.Min(SpikeBytes.Rows, M - tile * SpikeBytes.Rows);
                for (int row = 0; row < rows; row++)
                {
                    ScaleSums.Run(
                        sums.Slice(row * width, count), Scales[column..], Bias.IsEmpty ? Bias : Bias[column..],
                        Y.Slice((tile * SpikeBytes.Rows + row) * YStride + column, count));
                }
            }
        }
    }

    /// <summary>Sums of one tile, [rows][width].</summary>
    private void Tile<I>(ReadOnlySpan<uint> spikes, ReadOnlySpan<sbyte> panel, int groups, ReadOnlySpan<int> columnSums, Span<int> sums)
        where I : struct, IIntegerLanes<I>
    {
        int steps = StepsIn16Bits(Levels), width = I.Count;
        for (int column = 0; column < width; column++)
            sums[column] = -Levels * columnSums[column];
        for (int row = 1; row < SpikeBytes.Rows; row++)
            sums[..width].CopyTo(sums[(row * width)..]);
        for (int group = 0; group < groups; group += steps)
        {
            int count = Math.Min(steps, groups - group);
            AddSteps<I>(count, spikes[(group * SpikeBytes.Rows)..], panel[(group * Int8Panels.Together * width)..], sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSteps<I>(int steps, ReadOnlySpan<uint> spikes, ReadOnlySpan<sbyte> panel, Span<int> sums)
        where I : struct, IIntegerLanes<I>
    {
        Debug.Assert(spikes.Length >= steps * SpikeBytes.Rows, "the spikes are short");
        I c00 = I.Zero, c01 = I.Zero, c10 = I.Zero, c11 = I.Zero, c20 = I.Zero, c21 = I.Zero;
        I c30 = I.Zero, c31 = I.Zero, c40 = I.Zero, c41 = I.Zero, c50 = I.Zero, c51 = I.Zero;
        int n = 2 * I.Count;   // bytes in a register
        ref uint s = ref MemoryMarshal.GetReference(spikes);
        for (int step = 0, at = 0; step < steps; step++, at += 2 * n)
        {
            I low = I.LoadBytes(panel, at), high = I.LoadBytes(panel, at + n);
            Row(I.SplatBytes(s), low, high, ref c00, ref c01);
            Row(I.SplatBytes(Unsafe.Add(ref s, 1)), low, high, ref c10, ref c11);
            Row(I.SplatBytes(Unsafe.Add(ref s, 2)), low, high, ref c20, ref c21);
            Row(I.SplatBytes(Unsafe.Add(ref s, 3)), low, high, ref c30, ref c31);
            Row(I.SplatBytes(Unsafe.Add(ref s, 4)), low, high, ref c40, ref c41);
            Row(I.SplatBytes(Unsafe.Add(ref s, 5)), low, high, ref c50, ref c51);
            s = ref Unsafe.Add(ref s, SpikeBytes.Rows);
        }

        int half = I.Count / 2, row = I.Count;
        I.AddPairs(c00, sums, 0);
        I.AddPairs(c01, sums, half);
        I.AddPairs(c10, sums, row);
        I.AddPairs(c11, sums, row + half);
        I.AddPairs(c20, sums, 2 * row);
        I.AddPairs(c21, sums, 2 * row + half);
        I.AddPairs(c30, sums, 3 * row);
        I.AddPairs(c31, sums, 3 * row + half);
        I.AddPairs(c40, sums, 4 * row);
        I.AddPairs(c41, sums, 4 * row + half);
        I.AddPairs(c50, sums, 5 * row);
        I.AddPairs(c51, sums, 5 * row + half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<I>(I spikes, I low, I high, ref I c0, ref I c1)
        where I : struct, IIntegerLanes<I>
    {
        c0 += I.MultiplyPairs(spikes, low);
        c1 += I.MultiplyPairs(spikes, high);
    }
}
