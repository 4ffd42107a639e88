using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>Events of some vectors of spikes: whole numbers in [-D, D].</summary>
public readonly ref struct SpikeEncode : ISimdKernel
{
    /// <summary>The sizes.</summary>
    public required SpikeBlocks Blocks { get; init; }

    /// <summary>[vectors, inputs]</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>First vector to encode.</summary>
    public required int Start { get; init; }

    /// <summary>End of the vectors to encode.</summary>
    public required int End { get; init; }

    /// <summary>[blocks, vectors, slot], the positions within a block.</summary>
    public required Span<ushort> Events { get; init; }

    /// <summary>[blocks, vectors, 2 D], where each run ends within its slot.</summary>
    public required Span<ushort> Ends { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        SpikeBlocks blocks = Blocks;
        Debug.Assert(Events.Length >= blocks.EventsLength && Ends.Length >= blocks.EndsLength);
        Span<ushort> active = stackalloc ushort[blocks.SlotLength];
        for (int vector = Start; vector < End; vector++)
        {
            for (int block = 0; block < blocks.Blocks; block++)
            {
                ReadOnlySpan<float> spikes = Spikes.Slice(vector * blocks.Inputs + block * blocks.BlockLength, blocks.Length(block));
                int slot = blocks.Slot(block, vector);
                Span<ushort> events = Events.Slice(slot * blocks.SlotLength, blocks.SlotLength), ends = Ends.Slice(slot * blocks.Runs, blocks.Runs);
                if (ends.Length == 2)
                {
                    // Two runs need no sorting.
                    int positive = Collect<L, Positive>(spikes, events, 0);
                    (ends[0], ends[1]) = ((ushort)positive, (ushort)Collect<L, Negative>(spikes, events, positive));
                    continue;
                }

                Sort(spikes, active[..Collect<L, Either>(spikes, active, 0)], events, ends);
            }
        }
    }

    /// <summary>Appends the positions of spikes of a sign.</summary>
    private static int Collect<L, TSign>(ReadOnlySpan<float> spikes, Span<ushort> to, int count)
        where L : struct, ILanes<L>
        where TSign : struct, ISign
    {
        int i = 0;
        for (; i <= spikes.Length - L.Count; i += L.Count)
            count = Compaction.Append(L.Bits(L.LessThan(L.Splat(0.5f), TSign.Of(L.Load(spikes, i)))), i, to, count);
        for (; i < spikes.Length; i++)
            count = Compaction.Append(Lanes1.Bits(Lanes1.LessThan(Lanes1.Splat(0.5f), TSign.Of(Lanes1.Load(spikes, i)))), i, to, count);
        return count;
    }

    /// <summary>By runs, in their order; the order within a run is that of the inputs.</summary>
    private static void Sort(ReadOnlySpan<float> spikes, ReadOnlySpan<ushort> active, Span<ushort> events, Span<ushort> ends)
    {
        int levels = ends.Length / 2;
        ends.Clear();
        foreach (ushort position in active)
            ends[RunOf(spikes[position], levels)]++;

        // Counts become starts, and placing the positions makes ends of them.
        int start = 0;
        foreach (ref ushort end in ends)
            (end, start) = ((ushort)start, start + end);
        foreach (ushort position in active)
            events[ends[RunOf(spikes[position], levels)]++] = position;
    }

    /// <summary>Which spikes are looked for: those that this makes positive.</summary>
    private interface ISign
    {
        static abstract L Of<L>(L spikes)
            where L : struct, ILanes<L>;
    }

    private readonly struct Positive : ISign
    {
        public static L Of<L>(L spikes)
            where L : struct, ILanes<L> => spikes;
    }

    private readonly struct Negative : ISign
    {
        public static L Of<L>(L spikes)
            where L : struct, ILanes<L> => -spikes;
    }

    private readonly struct Either : ISign
    {
        public static L Of<L>(L spikes)
            where L : struct, ILanes<L> => L.Abs(spikes);
    }

    private static int RunOf(float spike, int levels)
    {
        int s = (int)spike;
        return 2 * (levels - Math.Abs(s)) + (s >>> 31);
    }
}
