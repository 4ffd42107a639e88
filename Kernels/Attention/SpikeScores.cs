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
    internal const int MostInRegisters = 4;

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<B>()
        where B : unmanaged, IBits<B>
    {
        int steps = Neuron.Steps.Count, itemWords = BitRows.Words(Channels), mostStates = 1, most = MostInRegisters;
        Debug.Assert(RowWords % B.Words == 0, "rows are whole registers");
        foreach (CountNeuron.Step step in Neuron.Steps)
            (mostStates, most) = (Math.Max(mostStates, step.States.Count), Math.Max(most, step.MostLimit));
        ReadOnlySpan<CountNeuron.Step> neurons = Neuron.StepSpan;
        Span<int> active = stackalloc int[steps * Channels], counts = stackalloc int[steps];
        Span<B> reached = stackalloc B[most + 1], states = stackalloc B[2 * mostStates];
        reached[0] = B.All;
        for (int item = 0; item < ItemCount; item++)
        {
            for (int step = 0; step < steps; step++)
                counts[step] = BitRows.Positions(Items.Slice((step * ItemCount + item) * itemWords, itemWords), PlaneWords, active.Slice(step * Channels, Channels));
            (int first, int end) = (First[item], End[item]);
            int firstWord = first / BitRows.WordBits / B.Words * B.Words, endWord = first < end ? (end + BitRows.WordBits - 1) / BitRows.WordBits : firstWord;
            for (int word = firstWord; word < endWord && Neuron.Short == 2; word += B.Words)
                TwoSteps<B>(active[..counts[0]], active.Slice(Channels, counts[1]), word, item * RowWords + word);
            for (int word = firstWord; word < endWord && Neuron.Short != 2; word += B.Words)
            {
                Span<B> here = states[..mostStates], next = states[mostStates..];
                here[0] = B.All;
                for (int step = 0; step < steps; step++)
                {
                    CountNeuron.Step neuron = neurons[step];
                    Count(Planes[(step * PlaneStep + word)..], active.Slice(step * Channels, counts[step]), neuron.MostLimit, reached);
                    B spikes = step + 1 == steps ? Last(neuron, here, reached) : Advance(neuron, here, reached, next);
                    B.Store(spikes, Spikes, (step * ItemCount + item) * RowWords + word);
                    Span<B> before = here;
                    here = next;
                    next = before;
                }
            }

            for (int step = 0; step < steps; step++)
                ClearUnseen(Spikes.Slice((step * ItemCount + item) * RowWords, RowWords), first, end);
        }
    }

    /// <summary>Both steps of a neuron that spikes with any count, and once more by itself after two.</summary>
    private void TwoSteps<B>(ReadOnlySpan<int> first, ReadOnlySpan<int> second, int word, int at)
        where B : unmanaged, IBits<B>
    {
        ReadOnlySpan<ulong> planes = Planes[word..];
        B one = B.Zero, two = B.Zero;
        foreach (int row in first)
        {
            B bit = B.Load(planes, row);
            two = B.OrAnd(two, one, bit);
            one |= bit;
        }

        planes = planes[PlaneStep..];
        foreach (int row in second)
            two |= B.Load(planes, row);
        B.Store(one, Spikes, at);
        B.Store(two, Spikes, ItemCount * RowWords + at);
    }

    /// <summary>Zeros in front of the first place and behind the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ClearUnseen(Span<ulong> row, int first, int end)
    {
        if (first >= end)
        {
            row.Clear();
            return;
        }

        int firstWord = first / BitRows.WordBits, lastWord = (end - 1) / BitRows.WordBits;
        row[..firstWord].Clear();
        row[firstWord] &= ulong.MaxValue << first;
        row[lastWord] &= ulong.MaxValue >> (BitRows.WordBits * (lastWord + 1) - end);
        row[(lastWord + 1)..].Clear();
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

        (reached[1], reached[2], reached[3], reached[4]) = (one, two, three, four);
    }

    private static void CountFar<B>(ReadOnlySpan<ulong> planes, ReadOnlySpan<int> rows, int limit, Span<B> reached)
        where B : unmanaged, IBits<B>
    {
        reached[1..].Clear();
        foreach (int row in rows)
        {
            B bit = B.Load(planes, row);
            for (int n = limit; n > 0; n--)
                reached[n] = B.OrAnd(reached[n], reached[n - 1], bit);
        }
    }

    /// <summary>The last step, after which no state is asked for.</summary>
    private static B Last<B>(CountNeuron.Step neuron, ReadOnlySpan<B> states, ReadOnlySpan<B> reached)
        where B : unmanaged, IBits<B>
    {
        B spikes = B.Zero;
        foreach (ref readonly CountNeuron.FlatArc arc in neuron.Arcs)
        {
            if (!arc.Fires)
                continue;
            B here = states[arc.State] & reached[arc.From];
            spikes |= arc.Until == CountNeuron.NoLimit ? here : B.AndNot(here, reached[arc.Until]);
        }

        return spikes;
    }

    /// <summary>One step of the automaton for every bit.</summary>
    /// <returns>The spikes.</returns>
    private static B Advance<B>(CountNeuron.Step neuron, ReadOnlySpan<B> states, ReadOnlySpan<B> reached, Span<B> next)
        where B : unmanaged, IBits<B>
    {
        next.Clear();
        B spikes = B.Zero;
        foreach (ref readonly CountNeuron.FlatArc arc in neuron.Arcs)
        {
            B here = states[arc.State] & reached[arc.From];
            if (arc.Until != CountNeuron.NoLimit)
                here = B.AndNot(here, reached[arc.Until]);
            if (arc.Fires)
                spikes |= here;
            next[arc.Next] |= here;
        }

        return spikes;
    }
}
