using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Nothing but multiplications of bytes that add neighbouring products, on registers: the instruction behind
/// <see cref="Int8DenseMatMul"/>. Twelve at a time hide its latency.
/// </summary>
public readonly ref struct PeakByteMulAdd : IIntegerKernel
{
    private const int Sums = 12;
    private const int OperationsPerMulAdd = 2;

    /// <summary>Turns of the loop; each does one multiplication for every sum.</summary>
    public required int Turns { get; init; }

    /// <summary>[1], written, so that no compiler finds the loop useless.</summary>
    public required Span<short> Result { get; init; }

    /// <summary>Operations of a run at the width in use: a byte multiplied and added counts as two.</summary>
    public static long Operations(int turns) => (long)turns * Sums * OperationsPerMulAdd * 2 * Simd.IntegerLanes;

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I> => Result[0] = Loop<I>(Turns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static short Loop<I>(int turns)
        where I : struct, IIntegerLanes<I>
    {
        I x = I.SplatBytes(0x0100_0001);
        I a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int turn = 0; turn < turns; turn++)
        {
            a = I.MultiplyPairs(a, x);
            b = I.MultiplyPairs(b, x);
            c = I.MultiplyPairs(c, x);
            d = I.MultiplyPairs(d, x);
            e = I.MultiplyPairs(e, x);
            f = I.MultiplyPairs(f, x);
            g = I.MultiplyPairs(g, x);
            h = I.MultiplyPairs(h, x);
            i = I.MultiplyPairs(i, x);
            j = I.MultiplyPairs(j, x);
            k = I.MultiplyPairs(k, x);
            l = I.MultiplyPairs(l, x);
        }

        Span<short> sums = stackalloc short[I.Count];
        I.Store(a + b + (c + d) + (e + f + (g + h)) + (i + j + (k + l)), sums, 0);
        return sums[0];
    }
}
