using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Nothing but multiply-adds on registers: what the processor can do at most at a register width. Twelve sums hide the latency
/// of a multiply-add on two pipes.
/// </summary>
public readonly ref struct PeakMulAdd : ISimdKernel
{
    private const int Sums = 12;
    private const int FlopsPerMulAdd = 2;

    /// <summary>Turns of the loop; each does one multiply-add for every sum.</summary>
    public required int Turns { get; init; }

    /// <summary>[1], written, so that no compiler finds the loop useless.</summary>
    public required Span<float> Result { get; init; }

    /// <summary>Floating-point operations of a run at the width in use.</summary>
    public static long Flops(int turns) => (long)turns * Sums * FlopsPerMulAdd * Simd.Lanes;

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L> => Result[0] = Loop<L>(Turns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop<L>(int turns)
        where L : struct, ILanes<L>
    {
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero, e = L.Zero, f = L.Zero;
        L g = L.Zero, h = L.Zero, i = L.Zero, j = L.Zero, k = L.Zero, l = L.Zero;
        L x = L.Splat(0.999f), y = L.Splat(0.001f);
        for (int turn = 0; turn < turns; turn++)
        {
            a = L.MulAdd(a, x, y);
            b = L.MulAdd(b, x, y);
            c = L.MulAdd(c, x, y);
            d = L.MulAdd(d, x, y);
            e = L.MulAdd(e, x, y);
            f = L.MulAdd(f, x, y);
            g = L.MulAdd(g, x, y);
            h = L.MulAdd(h, x, y);
            i = L.MulAdd(i, x, y);
            j = L.MulAdd(j, x, y);
            k = L.MulAdd(k, x, y);
            l = L.MulAdd(l, x, y);
        }

        return L.Sum(a + b + (c + d) + (e + f + (g + h)) + (i + j + (k + l)));
    }
}
