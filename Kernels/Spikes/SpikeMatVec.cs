using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = W s for integer spikes s, by additions and subtractions alone: the weights of active inputs are added to a
/// running sum by falling |s|, and the running sum is added to y once per level, so that an input met at level k is
/// counted k times. One addition per active input and output, and D more per output.
/// </summary>
public readonly ref struct SpikeMatVec : ISimdKernel
{
    /// <summary>W in <see cref="OutputTiles"/>, from the tile of the first output on.</summary>
    public required ReadOnlySpan<float> Tiles { get; init; }

    /// <summary>Length of s.</summary>
    public required int Inputs { get; init; }

    /// <summary>Active inputs, from <see cref="SpikeEvents.Indices"/>.</summary>
    public required ReadOnlySpan<ushort> Indices { get; init; }

    /// <summary>Ends of the runs, from <see cref="SpikeEvents.Ends"/>.</summary>
    public required ReadOnlySpan<ushort> Ends { get; init; }

    /// <summary>[outputs], overwritten; a whole number of tiles, or what follows the last full one.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Tiles.Length >= Inputs * Y.Length, "the weights are short");
        Y.Clear();
        for (int first = 0; first < Y.Length; first += OutputTiles.Width)
        {
            int width = Math.Min(OutputTiles.Width, Y.Length - first);
            ReadOnlySpan<float> tile = Tiles.Slice(first * Inputs, width * Inputs);
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
        ReadOnlySpan<ushort> indices = Indices, ends = Ends;   // locals stay in registers, properties are read again
        int n = L.Count, spike = 0;
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero, e = L.Zero, f = L.Zero, g = L.Zero, h = L.Zero;
        for (int run = 0; run < ends.Length; run += 2)
        {
            for (; spike < ends[run]; spike++)
            {
                int at = indices[spike] * width + column;
                a += L.Load(tile, at);
                b += L.Load(tile, at + n);
                c += L.Load(tile, at + 2 * n);
                d += L.Load(tile, at + 3 * n);
                e += L.Load(tile, at + 4 * n);
                f += L.Load(tile, at + 5 * n);
                g += L.Load(tile, at + 6 * n);
                h += L.Load(tile, at + 7 * n);
            }

            for (; spike < ends[run + 1]; spike++)
            {
                int at = indices[spike] * width + column;
                a -= L.Load(tile, at);
                b -= L.Load(tile, at + n);
                c -= L.Load(tile, at + 2 * n);
                d -= L.Load(tile, at + 3 * n);
                e -= L.Load(tile, at + 4 * n);
                f -= L.Load(tile, at + 5 * n);
                g -= L.Load(tile, at + 6 * n);
                h -= L.Load(tile, at + 7 * n);
            }

            Add(a, y, column);
            Add(b, y, column + n);
            Add(c, y, column + 2 * n);
            Add(d, y, column + 3 * n);
            Add(e, y, column + 4 * n);
            Add(f, y, column + 5 * n);
            Add(g, y, column + 6 * n);
            Add(h, y, column + 7 * n);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OneRegister<L>(ReadOnlySpan<float> tile, int width, int column, Span<float> y)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<ushort> indices = Indices, ends = Ends;
        int spike = 0;
        L sum = L.Zero;
        for (int run = 0; run < ends.Length; run += 2)
        {
            for (; spike < ends[run]; spike++)
                sum += L.Load(tile, indices[spike] * width + column);
            for (; spike < ends[run + 1]; spike++)
                sum -= L.Load(tile, indices[spike] * width + column);
            Add(sum, y, column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<L>(L running, Span<float> y, int column)
        where L : struct, ILanes<L> => L.Store(L.Load(y, column) + running, y, column);
}
