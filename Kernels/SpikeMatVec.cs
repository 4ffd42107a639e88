using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = Σ_j s_j W_j for integer spikes s, by additions and subtractions alone: the rows of active inputs are added to a
/// running sum by falling |s|, and the running sum is added to y once per level, so that a row met at level k is
/// counted k times. One addition per active input and output, and D more per output.
/// </summary>
public readonly ref struct SpikeMatVec : ISimdKernel
{
    /// <summary>[inputs, outputs]: the weight transposed, so that an input's row is contiguous.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>Length of a row of the weight.</summary>
    public required int Stride { get; init; }

    /// <summary>Active inputs, from <see cref="SpikeEvents.Indices"/>.</summary>
    public required ReadOnlySpan<int> Indices { get; init; }

    /// <summary>Ends of the runs, from <see cref="SpikeEvents.Ends"/>.</summary>
    public required ReadOnlySpan<int> Ends { get; init; }

    /// <summary>First output to compute.</summary>
    public int FirstOutput { get; init; }

    /// <summary>[outputs to compute], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(FirstOutput + Y.Length <= Stride, "outputs past the end of a row");
        int i = 0;
        for (; i <= Y.Length - 8 * L.Count; i += 8 * L.Count)
            EightRegisters<L>(i);
        for (; i <= Y.Length - L.Count; i += L.Count)
            OneRegister<L>(i);
        for (; i < Y.Length; i++)
            OneRegister<Lanes1>(i);
    }

    // Eight registers: enough independent sums to hide the latency of an addition, and 512 contiguous bytes a row.
    private void EightRegisters<L>(int column)
        where L : struct, ILanes<L>
    {
        int n = L.Count, from = FirstOutput + column, spike = 0;
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero, e = L.Zero, f = L.Zero, g = L.Zero, h = L.Zero;
        Y.Slice(column, 8 * n).Clear();
        for (int run = 0; run < Ends.Length; run += 2)
        {
            for (; spike < Ends[run]; spike++)
            {
                ReadOnlySpan<float> row = Weight.Slice(Indices[spike] * Stride + from, 8 * n);
                a += L.Load(row, 0);
                b += L.Load(row, n);
                c += L.Load(row, 2 * n);
                d += L.Load(row, 3 * n);
                e += L.Load(row, 4 * n);
                f += L.Load(row, 5 * n);
                g += L.Load(row, 6 * n);
                h += L.Load(row, 7 * n);
            }

            for (; spike < Ends[run + 1]; spike++)
            {
                ReadOnlySpan<float> row = Weight.Slice(Indices[spike] * Stride + from, 8 * n);
                a -= L.Load(row, 0);
                b -= L.Load(row, n);
                c -= L.Load(row, 2 * n);
                d -= L.Load(row, 3 * n);
                e -= L.Load(row, 4 * n);
                f -= L.Load(row, 5 * n);
                g -= L.Load(row, 6 * n);
                h -= L.Load(row, 7 * n);
            }

            Add(a, column);
            Add(b, column + n);
            Add(c, column + 2 * n);
            Add(d, column + 3 * n);
            Add(e, column + 4 * n);
            Add(f, column + 5 * n);
            Add(g, column + 6 * n);
            Add(h, column + 7 * n);
        }
    }

    private void OneRegister<L>(int column)
        where L : struct, ILanes<L>
    {
        int from = FirstOutput + column, spike = 0;
        L sum = L.Zero;
        Y.Slice(column, L.Count).Clear();
        for (int run = 0; run < Ends.Length; run += 2)
        {
            for (; spike < Ends[run]; spike++)
                sum += L.Load(Weight, Indices[spike] * Stride + from);
            for (; spike < Ends[run + 1]; spike++)
                sum -= L.Load(Weight, Indices[spike] * Stride + from);
            Add(sum, column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add<L>(L running, int column)
        where L : struct, ILanes<L> => L.Store(L.Load(Y, column) + running, Y, column);
}
