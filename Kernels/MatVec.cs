using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>y = W x: the dense product of decoding, one token at a time. Every weight is read once, in order.</summary>
public readonly ref struct MatVec : ISimdKernel
{
    /// <summary>W in <see cref="OutputTiles"/>, from the tile of the first output on.</summary>
    public required ReadOnlySpan<float> Tiles { get; init; }

    /// <summary>[inputs]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outputs], overwritten; a whole number of tiles, or what follows the last full one.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Tiles.Length >= X.Length * Y.Length, "the weights are short");
        for (int first = 0; first < Y.Length; first += OutputTiles.Width)
        {
            int width = Math.Min(OutputTiles.Width, Y.Length - first);
            ReadOnlySpan<float> tile = Tiles.Slice(first * X.Length, width * X.Length);
            Span<float> y = Y.Slice(first, width);
            int i = 0;
            for (; i <= width - 8 * L.Count; i += 8 * L.Count)
                EightRegisters<L>(tile, width, i, y);
            for (; i <= width - L.Count; i += L.Count)
                OneRegister<L>(tile, width, i, y);
            for (; i < width; i++)
                OneRegister<Lanes1>(tile, width, i, y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EightRegisters<L>(ReadOnlySpan<float> tile, int width, int column, Span<float> y)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> inputs = X;   // a local stays in registers, a property is read again
        int n = L.Count, at = column;
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero, e = L.Zero, f = L.Zero, g = L.Zero, h = L.Zero;
        for (int input = 0; input < inputs.Length; input++, at += width)
        {
            L x = L.Splat(inputs[input]);
            a = L.MulAdd(L.Load(tile, at), x, a);
            b = L.MulAdd(L.Load(tile, at + n), x, b);
            c = L.MulAdd(L.Load(tile, at + 2 * n), x, c);
            d = L.MulAdd(L.Load(tile, at + 3 * n), x, d);
            e = L.MulAdd(L.Load(tile, at + 4 * n), x, e);
            f = L.MulAdd(L.Load(tile, at + 5 * n), x, f);
            g = L.MulAdd(L.Load(tile, at + 6 * n), x, g);
            h = L.MulAdd(L.Load(tile, at + 7 * n), x, h);
        }

        L.Store(a, y, column);
        L.Store(b, y, column + n);
        L.Store(c, y, column + 2 * n);
        L.Store(d, y, column + 3 * n);
        L.Store(e, y, column + 4 * n);
        L.Store(f, y, column + 5 * n);
        L.Store(g, y, column + 6 * n);
        L.Store(h, y, column + 7 * n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OneRegister<L>(ReadOnlySpan<float> tile, int width, int column, Span<float> y)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> inputs = X;
        L sum = L.Zero;
        for (int input = 0, at = column; input < inputs.Length; input++, at += width)
            sum = L.MulAdd(L.Load(tile, at), L.Splat(inputs[input]), sum);
        L.Store(sum, y, column);
    }
}
