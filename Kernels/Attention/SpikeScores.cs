using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// The binary attention map (BiSpikCLM, SFSA):  A = SN(M ∘ Q Kᵀ) of binary Q and K. For each item of one side, a key or a query, only its active
/// channels are visited, and each adds a row of bits, one for every query or key of the other side. Sums are kept as far as
/// <see cref="CountNeuron"/> tells them apart, so nothing is multiplied, and nothing is computed where M is 0 but within a register.
/// </summary>
public readonly ref struct SpikeScores : IBitKernel
{
    private const int MostInRegisters = 4;

    /// <summary>The neuron that the sums come to.</summary>
    public required CountNeuron Neuron { get; init; }

    /// <summary>P: channels of the head.</summary>
    public required int Channels { get; init; }

    /// <summary>[T][items][words of P]: the channels of each item.</summary>
    public required ReadOnlySpan<ulong> Items { get; init; }

    /// <summary>Number of items.</summary>
    public required int ItemCount { get; init; }

    /// <summary>[T][P][<see cref="PlaneWords"/>]: the other side, channel by channel.</summary>
    public required ReadOnlySpan<ulong> Planes { get; init; }

    /// <summary>Words from one channel to the next.</summary>
    public required int PlaneWords { get; init; }

    /// <summary>Words from one step to the next of the other side.</summary>
    public required int PlaneStep { get; init; }

    /// <summary>Words of a row of bits of the other side, whole registers, that are looked at.</summary>
    public required int RowWords { get; init; }

    /// <summary>[items]: the first place of the other side that sees, or is seen by, the item.</summary>
    public required ReadOnlySpan<int> First { get; init; }

    /// <summary>[items]: the end of those places.</summary>
    public required ReadOnlySpan<int> End { get; init; }

    /// <summary>[T][items][<see cref="RowWords"/>], overwritten: spikes, zeros where nothing is seen.</summary>
    public required Span<ulong> Spikes { get; init; }

    /// <inheritdoc/>
    public void Run<B>()
        where B : unmanaged, IBits<B>
    {
        int steps = Neuron.Steps.Count, itemWords = BitRows.Words(Channels);
        Debug.Assert(RowWords % B.Words == 0, "rows are whole registers");
        Span<int> active = stackalloc int[steps * Channels], counts = stackalloc int[steps];
        Span<B> reached = stackalloc B[Neuron.Steps.Max(step => step.MostLimit) + 1];
        int mostStates = Neuron.Steps.Max(step => step.States.Count);
        Span<B> states = stackalloc B[mostStates], next = stackalloc B[mostStates];
        for (int item = 0; item < ItemCount; item++)
        {
            for (int step = 0; step < steps; step++)
                counts[step] = BitRows.Positions(Items.Slice((step * ItemCount + item) * itemWords, itemWords), PlaneWords, active.Slice(step * Channels, Channels));
            (int first, int end) = (First[item], End[item]);
            for (int word = 0; word < RowWords; word += B.Words)
            {
                if (end <= word * BitRows.WordBits || first >= (word + B.Words) * BitRows.WordBits || first >= end)
                {
                    for (int step = 0; step < steps; step++)
                        B.Store(B.Zero, Spikes, (step * ItemCount + item) * RowWords + word);
                    continue;
                }

                B seen = Seen<B>(first - word * BitRows.WordBits, end - word * BitRows.WordBits);
                states[0] = seen;
                for (int step = 0; step < steps; step++)
                {
                    CountNeuron.Step neuron = Neuron.Steps[step];
                    Count(Planes[(step * PlaneStep + word)..], active.Slice(step * Channels, counts[step]), neuron.MostLimit, reached);
                    B.Store(Advance(neuron, states, reached, next), Spikes, (step * ItemCount + item) * RowWords + word);
                    Span<B> before = states;
                    states = next;
                    next = before;
                }
            }
        }
    }

    [SkipLocalsInit]
    private static B Seen<B>(int first, int end)
        where B : unmanaged, IBits<B>
    {
        int bits = B.Words * BitRows.WordBits;
        if (first <= 0 && end >= bits)
            return B.All;
        Span<ulong> words = stackalloc ulong[B.Words];
        for (int word = 0; word < words.Length; word++)
            words[word] = BitRows.Range(first - word * BitRows.WordBits, end - word * BitRows.WordBits);
        return B.Load(words, 0);
    }

    /// <summary>Which sums reach 1, 2 ... limit. A further bit makes a sum reach n where it was n - 1 before.</summary>
    private static void Count<B>(ReadOnlySpan<ulong> planes, ReadOnlySpan<int> rows, int limit, Span<B> reached)
        where B : unmanaged, IBits<B>
    {
        if (limit > MostInRegisters)
        {
            CountFar(planes, rows, limit, reached);
            return;
        }

        B one = B.Zero, two = B.Zero, three = B.Zero, four = B.Zero;
        if (limit <= 1)
        {
            foreach (int row in rows)
                one |= B.Load(planes, row);
        }
        else if (limit == 2)
        {
            foreach (int row in rows)
            {
                B bit = B.Load(planes, row);
                two = B.OrAnd(two, one, bit);
                one |= bit;
            }
        }
        else
        {
            foreach (int row in rows)
            {
                B bit = B.Load(planes, row);
                four = B.OrAnd(four, three, bit);
                three = B.OrAnd(three, two, bit);
                two = B.OrAnd(two, one, bit);
                one |= bit;
            }
        }

        Span<B> all = [B.All, one, two, three, four];
        all[..(limit + 1)].CopyTo(reached);
    }

    private static void CountFar<B>(ReadOnlySpan<ulong> planes, ReadOnlySpan<int> rows, int limit, Span<B> reached)
        where B : unmanaged, IBits<B>
    {
        reached.Clear();
        reached[0] = B.All;
        foreach (int row in rows)
        {
            B bit = B.Load(planes, row);
            for (int n = limit; n > 0; n--)
                reached[n] = B.OrAnd(reached[n], reached[n - 1], bit);
        }
    }

    /// <summary>One step of the automaton for every bit.</summary>
    /// <returns>The spikes.</returns>
    private static B Advance<B>(CountNeuron.Step neuron, ReadOnlySpan<B> states, ReadOnlySpan<B> reached, Span<B> next)
        where B : unmanaged, IBits<B>
    {
        next.Clear();
        B spikes = B.Zero;
        for (int state = 0; state < neuron.States.Count; state++)
        {
            CountNeuron.Arc[] arcs = neuron.States[state];
            for (int i = 0; i < arcs.Length; i++)
            {
                B here = states[state] & reached[arcs[i].From];
                if (i + 1 < arcs.Length)
                    here = B.AndNot(here, reached[arcs[i + 1].From]);
                if (arcs[i].Fires)
                    spikes |= here;
                next[arcs[i].Next] |= here;
            }
        }

        return spikes;
    }
}
