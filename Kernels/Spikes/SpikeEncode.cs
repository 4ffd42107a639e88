using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SpikeEngine.Kernels;

/// <summary>Events of some vectors of spikes: whole numbers in [-D, D].</summary>
public readonly ref struct SpikeEncode : ISimdKernel
{
    private const int MostSearched = 8;   // runs: more of them are counted

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
        // Eight inputs at a time, as many positions as the table of moves takes together, or 32 where there is an instruction for that.
        SpikeBlocks blocks = Blocks;
        Debug.Assert(Events.Length >= blocks.EventsLength && Ends.Length >= blocks.EndsLength);
        Span<ushort> positions = stackalloc ushort[blocks.SlotLength], runs = stackalloc ushort[blocks.SlotLength];
        for (int vector = Start; vector < End; vector++)
        {
            for (int block = 0; block < blocks.Blocks; block++)
            {
                ReadOnlySpan<float> spikes = Spikes.Slice(vector * blocks.Inputs + block * blocks.BlockLength, blocks.Length(block));
                int slot = blocks.Slot(block, vector);
                Span<ushort> events = Events.Slice(slot * blocks.SlotLength, blocks.SlotLength), ends = Ends.Slice(slot * blocks.Runs, blocks.Runs);
                int active = Collect<L>(spikes, blocks.Levels, positions, runs);
                if (blocks.Runs <= MostSearched)
                    Search<L>(positions, runs, active, events, ends);
                else
                    Count(positions[..active], runs[..active], events, ends);
            }
        }
    }

    /// <summary>The positions of active inputs, and the run of each; after them comes what is in no run, as far as it is read together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Collect<L>(ReadOnlySpan<float> spikes, int levels, Span<ushort> positions, Span<ushort> runs)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<Vector128<byte>> table = Compaction.Table;
        int count = 0, i = 0;
        Vector128<ushort> indices = Vector128<ushort>.Indices, step = Vector128.Create((ushort)Compaction.Width);
        Vector128<short> highest = Vector128.Create((short)levels);
        ref float from = ref MemoryMarshal.GetReference(spikes);
        if (IsWide<L>())
        {
            i = CollectWide(spikes, levels, positions, runs, ref count);
            indices += Vector128.Create((ushort)i);
        }

        for (; i <= spikes.Length - Compaction.Width; i += Compaction.Width, indices += step)
        {
            // What is not a number becomes a whole one whose lower half is 0, on any processor: it does not spike.
            Vector128<short> s = Vector128.Narrow(
                Vector128.ConvertToInt32Native(Vector128.LoadUnsafe(ref from, (nuint)i)),
                Vector128.ConvertToInt32Native(Vector128.LoadUnsafe(ref from, (nuint)i + 4)));
            uint bits = ~Vector128.Equals(s, Vector128<short>.Zero).ExtractMostSignificantBits() & byte.MaxValue;
            Vector128<short> run = ((highest - Vector128.Abs(s)) << 1) + (s >>> 15);
            Compaction.Put(table, bits, run.AsUInt16(), runs, count);
            count = Compaction.Put(table, bits, indices, positions, count);
        }

        for (; i < spikes.Length; i++)
        {
            int s = (int)spikes[i];
            (positions[count], runs[count]) = ((ushort)i, (ushort)(2 * (levels - Math.Abs(s)) + (s >>> 31)));
            count += s == 0 ? 0 : 1;
        }

        runs.Slice(count, SpikeBlocks.WrittenTogether).Fill(ushort.MaxValue);
        return count;
    }

    /// <summary>32 inputs at a time, where one instruction moves numbers of 16 bits together.</summary>
    /// <returns>Inputs that are done.</returns>
    private static int CollectWide(ReadOnlySpan<float> spikes, int levels, Span<ushort> positions, Span<ushort> runs, ref int count)
    {
        int n = Vector512<short>.Count, i = 0;
        Debug.Assert(positions.Length >= spikes.Length + n && runs.Length >= spikes.Length + n, "there is no room");
        Vector512<ushort> indices = Vector512<ushort>.Indices, step = Vector512.Create((ushort)n);
        Vector512<short> highest = Vector512.Create((short)levels);
        ref float from = ref MemoryMarshal.GetReference(spikes);
        ref ushort toPositions = ref MemoryMarshal.GetReference(positions), toRuns = ref MemoryMarshal.GetReference(runs);
        for (; i <= spikes.Length - n; i += n, indices += step)
        {
            Vector512<short> s = Vector512.Narrow(
                Vector512.ConvertToInt32Native(Vector512.LoadUnsafe(ref from, (nuint)i)),
                Vector512.ConvertToInt32Native(Vector512.LoadUnsafe(ref from, (nuint)i + (nuint)Vector512<float>.Count)));
            Vector512<ushort> active = ~Vector512.Equals(s, Vector512<short>.Zero).AsUInt16();
            Vector512<short> run = ((highest - Vector512.Abs(s)) << 1) + (s >>> 15);
            Avx512Vbmi2.Compress(Vector512<ushort>.Zero, active, run.AsUInt16()).StoreUnsafe(ref toRuns, (nuint)count);
            Avx512Vbmi2.Compress(Vector512<ushort>.Zero, active, indices).StoreUnsafe(ref toPositions, (nuint)count);
            count += BitOperations.PopCount(active.ExtractMostSignificantBits());
        }

        return i;
    }

    /// <summary>Every run by itself out of all active inputs; the order within a run stays that of the inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Search<L>(ReadOnlySpan<ushort> positions, ReadOnlySpan<ushort> runs, int active, Span<ushort> events, Span<ushort> ends)
        where L : struct, ILanes<L>
    {
        if (IsWide<L>())
        {
            SearchWide(positions, runs, active, events, ends);
            return;
        }

        ref ushort position = ref MemoryMarshal.GetReference(positions), runOf = ref MemoryMarshal.GetReference(runs);
        ReadOnlySpan<Vector128<byte>> table = Compaction.Table;
        int count = 0;
        for (int run = 0; run < ends.Length; run++)
        {
            var wanted = Vector128.Create((ushort)run);
            for (nuint i = 0; i < (nuint)active; i += Compaction.Width)
            {
                uint bits = Vector128.Equals(Vector128.LoadUnsafe(ref runOf, i), wanted).ExtractMostSignificantBits();
                count = Compaction.Put(table, bits, Vector128.LoadUnsafe(ref position, i), events, count);
            }

            ends[run] = (ushort)count;
        }
    }

    private static void SearchWide(ReadOnlySpan<ushort> positions, ReadOnlySpan<ushort> runs, int active, Span<ushort> events, Span<ushort> ends)
    {
        ref ushort position = ref MemoryMarshal.GetReference(positions), runOf = ref MemoryMarshal.GetReference(runs), to = ref MemoryMarshal.GetReference(events);
        Debug.Assert(events.Length >= active + Vector512<ushort>.Count, "there is no room");
        int count = 0;
        for (int run = 0; run < ends.Length; run++)
        {
            var wanted = Vector512.Create((ushort)run);
            for (nuint i = 0; i < (nuint)active; i += (nuint)Vector512<ushort>.Count)
            {
                Vector512<ushort> here = Vector512.Equals(Vector512.LoadUnsafe(ref runOf, i), wanted);
                Avx512Vbmi2.Compress(Vector512<ushort>.Zero, here, Vector512.LoadUnsafe(ref position, i)).StoreUnsafe(ref to, (nuint)count);
                count += BitOperations.PopCount(here.ExtractMostSignificantBits());
            }

            ends[run] = (ushort)count;
        }
    }

    /// <summary>Whether numbers of 16 bits are moved together 32 at a time.</summary>
    private static bool IsWide<L>()
        where L : struct, ILanes<L> => Avx512Vbmi2.IsSupported && L.Count == Vector512<float>.Count;

    /// <summary>The same, one input at a time: with many levels less work than a search for each.</summary>
    private static void Count(ReadOnlySpan<ushort> positions, ReadOnlySpan<ushort> runs, Span<ushort> events, Span<ushort> ends)
    {
        ends.Clear();
        foreach (ushort run in runs)
            ends[run]++;

        // Counts become starts, and placing the positions makes ends of them.
        int start = 0;
        foreach (ref ushort end in ends)
            (end, start) = ((ushort)start, start + end);
        for (int i = 0; i < runs.Length; i++)
            events[ends[runs[i]]++] = positions[i];
    }
}
