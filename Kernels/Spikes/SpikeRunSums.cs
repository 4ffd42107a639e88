using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>Adds the weights of runs of events to the sums of their positions, which stay in registers as long as a run.</summary>
internal readonly ref struct SpikeRunSums
{
    private const int Width = SpikeConv2dShape.TileWidth;
    private const int Registers = 4;

    /// <summary>Events of one block of channels.</summary>
    public required ReadOnlySpan<ushort> Events { get; init; }

    /// <summary>[taps, channels, 64], the weights of one row of taps.</summary>
    public required ReadOnlySpan<float> Tile { get; init; }

    /// <summary>What a run's position is more than that of its sums.</summary>
    public required int Before { get; init; }

    /// <summary>[positions, 64]</summary>
    public required Span<float> Sums { get; init; }

    /// <summary>Adds to the sums of some outputs; those of the last register are added to whether they are wanted or not.</summary>
    public void Add<L>(ReadOnlySpan<SpikeRun> runs, int outputs)
        where L : struct, ILanes<L>
    {
        int output = 0;
        for (; output <= outputs - Registers * L.Count; output += Registers * L.Count)
            AddFour<L>(runs, output);
        for (; output < outputs; output += L.Count)
            AddOne<L>(runs, output);
    }

    /// <summary>Four registers of outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddFour<L>(ReadOnlySpan<SpikeRun> runs, int output)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> tile = Tile[output..];
        ReadOnlySpan<ushort> events = Events;
        Span<float> sums = Sums[output..];
        int n = L.Count, before = Before;
        for (int i = 0; i < runs.Length; i++)
        {
            SpikeRun run = runs[i];
            Span<float> y = Position(sums, run.At - before, Registers * n);
            ref ushort spike = ref Unsafe.Add(ref MemoryMarshal.GetReference(events), run.Start);
            L a = L.Load(y, 0), b = L.Load(y, n), c = L.Load(y, 2 * n), d = L.Load(y, 3 * n);

            // Two runs of one length, which most neighbours are, go together: eight sums hide the latency of the addition.
            if (i + 1 < runs.Length && runs[i + 1].Length == run.Length)
            {
                SpikeRun next = runs[++i];
                Span<float> z = Position(sums, next.At - before, Registers * n);
                ref ushort other = ref Unsafe.Add(ref MemoryMarshal.GetReference(events), next.Start);
                L e = L.Load(z, 0), f = L.Load(z, n), g = L.Load(z, 2 * n), h = L.Load(z, 3 * n);
                for (nint at = 0; at < run.Length; at++)
                {
                    AddRow(Row(tile, Unsafe.Add(ref spike, at) - run.Shift, Registers * n), ref a, ref b, ref c, ref d);
                    AddRow(Row(tile, Unsafe.Add(ref other, at) - next.Shift, Registers * n), ref e, ref f, ref g, ref h);
                }

                Store(e, f, g, h, z);
            }
            else
            {
                for (nint at = 0; at < run.Length; at++)
                    AddRow(Row(tile, Unsafe.Add(ref spike, at) - run.Shift, Registers * n), ref a, ref b, ref c, ref d);
            }

            Store(a, b, c, d, y);
        }
    }

    /// <summary>One register of outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddOne<L>(ReadOnlySpan<SpikeRun> runs, int output)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> tile = Tile[output..];
        ReadOnlySpan<ushort> events = Events;
        Span<float> sums = Sums[output..];
        int before = Before;
        foreach (SpikeRun run in runs)
        {
            Span<float> y = Position(sums, run.At - before, L.Count);
            ref ushort spike = ref Unsafe.Add(ref MemoryMarshal.GetReference(events), run.Start);
            L a = L.Load(y, 0);
            for (nint at = 0; at < run.Length; at++)
                L.AddFrom(ref a, Row(tile, Unsafe.Add(ref spike, at) - run.Shift, L.Count), 0);
            L.Store(a, y, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<L>(ReadOnlySpan<float> row, ref L a, ref L b, ref L c, ref L d)
        where L : struct, ILanes<L>
    {
        L.AddFrom(ref a, row, 0);
        L.AddFrom(ref b, row, L.Count);
        L.AddFrom(ref c, row, 2 * L.Count);
        L.AddFrom(ref d, row, 3 * L.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<L>(L a, L b, L c, L d, Span<float> y)
        where L : struct, ILanes<L>
    {
        L.Store(a, y, 0);
        L.Store(b, y, L.Count);
        L.Store(c, y, 2 * L.Count);
        L.Store(d, y, 3 * L.Count);
    }

    /// <summary>The weights of an event, whose row is a number of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<float> Row(ReadOnlySpan<float> tile, int row, int length)
    {
        Debug.Assert((ushort)row * Width + length <= tile.Length, "the event is outside its block");
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), (uint)(ushort)row * Width), length);
    }

    /// <summary>The sums of a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<float> Position(Span<float> sums, int position, int length)
    {
        Debug.Assert(position >= 0 && position * Width + length <= sums.Length, "the position is outside its band");
        return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(sums), position * Width), length);
    }
}
