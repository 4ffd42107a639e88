using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = start + x B for one row x and B in panels of <see cref="PackPanels"/>: every weight is read once, in order. Four rows of B are
/// summed apart, which hides the latency of the multiply-add; the order of a sum does not depend on the width.
/// </summary>
public readonly ref struct PanelVector : ISimdKernel
{
    private const int Sums = 4;

    /// <summary>B in panels, from the panel of the first column on.</summary>
    public required ReadOnlySpan<float> Packed { get; init; }

    /// <summary>[k]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n], from the first column on.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>[n], what the sums are added to; empty for nothing.</summary>
    public ReadOnlySpan<float> Start { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int width = MatMulTile.Columns<L>();
        Debug.Assert(Packed.Length >= (Y.Length + width - 1) / width * width * X.Length, "the panels are short");
        Span<float> sums = stackalloc float[width];
        for (int column = 0; column < Y.Length; column += width)
        {
            ReadOnlySpan<float> panel = Packed.Slice(column * X.Length, width * X.Length);
            int count = Math.Min(width, Y.Length - column);
            if (count == width && Start.IsEmpty)
            {
                Panel<L>(X, panel, Y[column..]);
                continue;
            }

            Panel<L>(X, panel, sums);
            for (int i = 0; i < count; i++)
                Y[column + i] = Start.IsEmpty ? sums[i] : Start[column + i] + sums[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> panel, Span<float> y)
        where L : struct, ILanes<L>
    {
        L a0 = L.Zero, a1 = L.Zero, b0 = L.Zero, b1 = L.Zero, c0 = L.Zero, c1 = L.Zero, d0 = L.Zero, d1 = L.Zero;
        int n = L.Count, i = 0, at = 0;
        for (; i <= x.Length - Sums; i += Sums, at += 2 * Sums * n)
        {
            L xa = L.Splat(x[i]), xb = L.Splat(x[i + 1]), xc = L.Splat(x[i + 2]), xd = L.Splat(x[i + 3]);
            a0 = L.MulAdd(L.Load(panel, at), xa, a0);
            a1 = L.MulAdd(L.Load(panel, at + n), xa, a1);
            b0 = L.MulAdd(L.Load(panel, at + 2 * n), xb, b0);
            b1 = L.MulAdd(L.Load(panel, at + 3 * n), xb, b1);
            c0 = L.MulAdd(L.Load(panel, at + 4 * n), xc, c0);
            c1 = L.MulAdd(L.Load(panel, at + 5 * n), xc, c1);
            d0 = L.MulAdd(L.Load(panel, at + 6 * n), xd, d0);
            d1 = L.MulAdd(L.Load(panel, at + 7 * n), xd, d1);
        }

        for (; i < x.Length; i++, at += 2 * n)
        {
            L xa = L.Splat(x[i]);
            a0 = L.MulAdd(L.Load(panel, at), xa, a0);
            a1 = L.MulAdd(L.Load(panel, at + n), xa, a1);
        }

        L.Store(a0 + b0 + (c0 + d0), y, 0);
        L.Store(a1 + b1 + (c1 + d1), y, n);
    }
}
