using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Series that lie side by side are walked row by row, a block of them at a time, with what is known of each on the stack.
/// Going down one register's columns instead would open a cache line for every step, and lose it before the next pass.
/// </summary>
internal static class ColumnBlock
{
    /// <summary>Series in a block.</summary>
    public const int Width = 256;

    /// <summary>largest = max(largest, x)</summary>
    public static void Max<L>(ReadOnlySpan<float> x, Span<float> largest)
        where L : struct, ILanes<L>
    {
        Debug.Assert(x.Length == largest.Length);
        Max<Lanes1>(x, largest, Max<L>(x, largest, 0));
    }

    private static int Max<L>(ReadOnlySpan<float> x, Span<float> largest, int j)
        where L : struct, ILanes<L>
    {
        for (; j <= x.Length - L.Count; j += L.Count)
            L.Store(L.Max(L.Load(largest, j), L.Load(x, j)), largest, j);
        return j;
    }
}
