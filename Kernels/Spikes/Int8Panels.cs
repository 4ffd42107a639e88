using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>
/// Weights in bytes as <see cref="Int8DenseMatMul"/> reads them, [panel][k / 4][two registers of outputs][4]: the weights of four
/// neighbouring inputs side by side, to be multiplied and added in one instruction. Inputs and outputs that are not there are 0.
/// </summary>
public readonly ref struct Int8Panels : IIntegerKernel
{
    /// <summary>Inputs that are multiplied together.</summary>
    public const int Together = 4;

    /// <summary>W, [k, stride], from the first column on.</summary>
    public required ReadOnlySpan<sbyte> Weight { get; init; }

    /// <summary>Distance between rows of W.</summary>
    public required int Stride { get; init; }

    /// <summary>Rows of W.</summary>
    public required int K { get; init; }

    /// <summary>Columns of W.</summary>
    public required int N { get; init; }

    /// <summary><see cref="Length"/> bytes.</summary>
    public required Span<sbyte> Packed { get; init; }

    /// <summary>[<see cref="PaddedColumns"/>], the sum of each column, written.</summary>
    public required Span<int> ColumnSums { get; init; }

    /// <summary>Columns of a panel at the width in use.</summary>
    public static int Width => Simd.IntegerLanes;

    /// <summary>Columns with those that fill the last panel, at the width in use.</summary>
    public static int PaddedColumns(int n) => (n + Width - 1) / Width * Width;

    /// <summary>Bytes that the panels need at the width in use.</summary>
    public static int Length(int k, int n) => checked(Groups(k) * Together * PaddedColumns(n));

    /// <summary>Groups of inputs that are multiplied together.</summary>
    public static int Groups(int k) => (k + Together - 1) / Together;

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        int width = I.Count, groups = Groups(K);
        Debug.Assert(ColumnSums.Length >= (N + width - 1) / width * width, "the column sums are short");
        for (int column = 0; column < N; column += width)
        {
            int count = Math.Min(width, N - column);
            Span<sbyte> panel = Packed.Slice(column * groups * Together, width * groups * Together);
            if (count < width || K % Together > 0)
                panel.Clear();
            int k = 0;
            if (Sse2.IsSupported && count == width && width % Vector128<sbyte>.Count == 0)
            {
                for (; k <= K - Together; k += Together)
                    Interleave(Weight[(k * Stride + column)..], width, panel[(k * width)..]);
            }

            for (; k < K; k++)
            {
                ReadOnlySpan<sbyte> from = Weight.Slice(k * Stride + column, count);
                Span<sbyte> to = panel[(k / Together * Together * width + k % Together)..];
                for (int i = 0; i < from.Length; i++)
                    to[i * Together] = from[i];
            }

            Sum<I>(panel, ColumnSums.Slice(column, width));
        }
    }

    /// <summary>Four rows of some registers, byte by byte.</summary>
    private void Interleave(ReadOnlySpan<sbyte> weight, int width, Span<sbyte> to)
    {
        for (int i = 0; i < width; i += Vector128<sbyte>.Count)
        {
            Vector128<sbyte> a = Vector128.Create(weight[i..]), b = Vector128.Create(weight[(Stride + i)..]);
            Vector128<sbyte> c = Vector128.Create(weight[(2 * Stride + i)..]), d = Vector128.Create(weight[(3 * Stride + i)..]);
            Vector128<short> abLow = Sse2.UnpackLow(a, b).AsInt16(), abHigh = Sse2.UnpackHigh(a, b).AsInt16();
            Vector128<short> cdLow = Sse2.UnpackLow(c, d).AsInt16(), cdHigh = Sse2.UnpackHigh(c, d).AsInt16();
            Span<sbyte> block = to.Slice(i * Together, Together * Vector128<sbyte>.Count);
            Sse2.UnpackLow(abLow, cdLow).AsSByte().CopyTo(block);
            Sse2.UnpackHigh(abLow, cdLow).AsSByte().CopyTo(block[Vector128<sbyte>.Count..]);
            Sse2.UnpackLow(abHigh, cdHigh).AsSByte().CopyTo(block[(2 * Vector128<sbyte>.Count)..]);
            Sse2.UnpackHigh(abHigh, cdHigh).AsSByte().CopyTo(block[(3 * Vector128<sbyte>.Count)..]);
        }
    }

    private static void Sum<I>(ReadOnlySpan<sbyte> panel, Span<int> sums)
        where I : struct, IIntegerLanes<I>
    {
        const int Steps = short.MaxValue / (2 * -sbyte.MinValue);   // for which sums of 16 bits hold
        sums.Clear();
        var ones = I.SplatBytes(0x0101_0101);
        int n = 2 * I.Count, at = 0;   // bytes in a register
        while (at < panel.Length)
        {
            I low = I.Zero, high = I.Zero;
            for (int step = 0; step < Steps && at < panel.Length; step++, at += 2 * n)
            {
                low += I.MultiplyPairs(ones, I.LoadBytes(panel, at));
                high += I.MultiplyPairs(ones, I.LoadBytes(panel, at + n));
            }

            I.AddPairs(low, sums, 0);
            I.AddPairs(high, sums, I.Count / 2);
        }
    }
}
