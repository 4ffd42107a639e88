using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = s W for one row of integer spikes s and weights in bytes that are in a cache: the numbers of <see cref="Int8SpikeMatVec"/>, by additions and
/// subtractions alone, with the sums of some outputs in registers while all active inputs pass. Whole rows of the weight at a time are better where
/// they come from memory.
/// </summary>
public readonly ref struct Int8SpikeColumns : IIntegerKernel
{
    private const int MostTogether = 252;   // Σ|s|, for which sums of bytes, of at least -128, do not leave 16 bits
    private const int Wide = 8;             // registers of sums, so that sixteen are enough with what is added
    private const int Narrow = 2;

    /// <summary>[inputs, stride], from the first output on.</summary>
    public required ReadOnlySpan<sbyte> Weight { get; init; }

    /// <summary>Distance between the weights of neighbouring inputs.</summary>
    public required int Stride { get; init; }

    /// <summary>Active inputs, from <see cref="SpikeEvents.Indices"/>.</summary>
    public required ReadOnlySpan<ushort> Indices { get; init; }

    /// <summary>Ends of the runs, from <see cref="SpikeEvents.Ends"/>.</summary>
    public required ReadOnlySpan<ushort> Ends { get; init; }

    /// <summary>[outputs], overwritten.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<I>()
        where I : struct, IIntegerLanes<I>
    {
        int n = I.Count, outputs = Y.Length, column = 0;
        Span<int> sums = stackalloc int[Wide * n];
        Span<short> upper = stackalloc short[Wide * n];
        for (; column <= outputs - Wide * n; column += Wide * n)
            Block<I>(column, sums, upper);
        if (outputs < Narrow * n)
        {
            for (; column < outputs; column++)
                Y[column] = One(column);
        }

        // The last block goes back over outputs that are done: the same numbers again.
        for (; column < outputs; column += Narrow * n)
            Block<I>(Math.Min(column, outputs - Narrow * n), sums[..(Narrow * n)], upper[..(Narrow * n)]);
    }

    private void Block<I>(int column, Span<int> sums, Span<short> upper)
        where I : struct, IIntegerLanes<I>
    {
        sums.Clear();
        for (int start = 0, end; start < Indices.Length; start = end)
        {
            end = EndOfBatch(start);
            upper.Clear();
            if (sums.Length == Wide * I.Count)
                AddWide<I>(start, end, column, sums, upper);
            else
                AddNarrow<I>(start, end, column, sums, upper);
        }

        TensorPrimitives.ConvertChecked(sums, Y.Slice(column, sums.Length));
    }

    /// <summary>How far active inputs can be added in 16 bits.</summary>
    private int EndOfBatch(int start)
    {
        int end = start, room = MostTogether;
        for (int run = 0; run < Ends.Length && end < Indices.Length; run++)
        {
            int level = (Ends.Length - run + 1) / 2, more = Math.Min(Math.Max(0, Ends[run] - end), room / level);
            end += more;
            room -= more * level;
            if (end < Ends[run])
                break;
        }

        return end;
    }

    /// <summary>Sums of eight registers: the running sum of a level counts once more at the end of every level below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddWide<I>(int start, int end, int column, Span<int> sums, Span<short> upper)
        where I : struct, IIntegerLanes<I>
    {
        I a = I.Zero, b = I.Zero, c = I.Zero, d = I.Zero, e = I.Zero, f = I.Zero, g = I.Zero, h = I.Zero;
        int n = I.Count, position = start, stride = Stride;
        ReadOnlySpan<ushort> indices = Indices, ends = Ends;
        ReadOnlySpan<sbyte> weight = Weight;
        for (int run = 0; run < ends.Length; run += 2)
        {
            for (int stop = Math.Min(ends[run], end); position < stop; position++)
            {
                int at = indices[position] * stride + column;
                a += I.Widen(weight, at);
                b += I.Widen(weight, at + n);
                c += I.Widen(weight, at + 2 * n);
                d += I.Widen(weight, at + 3 * n);
                e += I.Widen(weight, at + 4 * n);
                f += I.Widen(weight, at + 5 * n);
                g += I.Widen(weight, at + 6 * n);
                h += I.Widen(weight, at + 7 * n);
            }

            for (int stop = Math.Min(ends[run + 1], end); position < stop; position++)
            {
                int at = indices[position] * stride + column;
                a -= I.Widen(weight, at);
                b -= I.Widen(weight, at + n);
                c -= I.Widen(weight, at + 2 * n);
                d -= I.Widen(weight, at + 3 * n);
                e -= I.Widen(weight, at + 4 * n);
                f -= I.Widen(weight, at + 5 * n);
                g -= I.Widen(weight, at + 6 * n);
                h -= I.Widen(weight, at + 7 * n);
            }

            if (position == start || run == ends.Length - 2)
                continue;   // nothing to count again, or added below
            Count(a, upper, 0);
            Count(b, upper, n);
            Count(c, upper, 2 * n);
            Count(d, upper, 3 * n);
            Count(e, upper, 4 * n);
            Count(f, upper, 5 * n);
            Count(g, upper, 6 * n);
            Count(h, upper, 7 * n);
        }

        I.AddWide(a + I.Load(upper, 0), sums, 0);
        I.AddWide(b + I.Load(upper, n), sums, n);
        I.AddWide(c + I.Load(upper, 2 * n), sums, 2 * n);
        I.AddWide(d + I.Load(upper, 3 * n), sums, 3 * n);
        I.AddWide(e + I.Load(upper, 4 * n), sums, 4 * n);
        I.AddWide(f + I.Load(upper, 5 * n), sums, 5 * n);
        I.AddWide(g + I.Load(upper, 6 * n), sums, 6 * n);
        I.AddWide(h + I.Load(upper, 7 * n), sums, 7 * n);
    }

    /// <summary>The same for two registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddNarrow<I>(int start, int end, int column, Span<int> sums, Span<short> upper)
        where I : struct, IIntegerLanes<I>
    {
        I a = I.Zero, b = I.Zero;
        int n = I.Count, position = start, stride = Stride;
        ReadOnlySpan<ushort> indices = Indices, ends = Ends;
        ReadOnlySpan<sbyte> weight = Weight;
        for (int run = 0; run < ends.Length; run += 2)
        {
            for (int stop = Math.Min(ends[run], end); position < stop; position++)
            {
                int at = indices[position] * stride + column;
                a += I.Widen(weight, at);
                b += I.Widen(weight, at + n);
            }

            for (int stop = Math.Min(ends[run + 1], end); position < stop; position++)
            {
                int at = indices[position] * stride + column;
                a -= I.Widen(weight, at);
                b -= I.Widen(weight, at + n);
            }

            if (position == start || run == ends.Length - 2)
                continue;
            Count(a, upper, 0);
            Count(b, upper, n);
        }

        I.AddWide(a + I.Load(upper, 0), sums, 0);
        I.AddWide(b + I.Load(upper, n), sums, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Count<I>(I running, Span<short> upper, int index)
        where I : struct, IIntegerLanes<I> => I.Store(running + I.Load(upper, index), upper, index);

    /// <summary>One output, where there are too few for a register.</summary>
    private int One(int column)
    {
        int sum = 0, running = 0, position = 0;
        for (int run = 0; run < Ends.Length; run += 2)
        {
            for (; position < Ends[run]; position++)
                running += Weight[Indices[position] * Stride + column];
            for (; position < Ends[run + 1]; position++)
                running -= Weight[Indices[position] * Stride + column];
            sum += running;
        }

        return sum;
    }
}
