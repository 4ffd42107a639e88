using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// Y (+)= S · B on all threads for integer spikes S, accumulate-only: the events of S are encoded once, and pieces of some columns
/// of B and Y are independent.
/// </summary>
internal static class SpikeProduct
{
    private const int CensusGrain = 65_536;
    private const int EncodeGrain = 16;   // vectors

    /// <summary>Number of spikes that are not 0.</summary>
    /// <exception cref="ArgumentException">One is no whole number in [-levels, levels].</exception>
    internal static long CountActive(Tensor spikes, int levels)
    {
        int[] counts = new int[2];
        for (int start = 0; start < spikes.Count; start += CensusGrain)
        {
            ReadOnlySpan<float> piece = spikes.Values[start..Math.Min(start + CensusGrain, spikes.Count)];
            Simd.Run(new SpikeCensus { Spikes = piece, Levels = levels, Counts = counts });
            if (counts[1] > 0)
                throw NoSpike(spikes, start, levels);
        }

        return counts[0];
    }

    /// <summary>Y[m, n] (+)= S[m, k] · B[k, n].</summary>
    /// <param name="blocks">Sizes of S.</param>
    /// <param name="spikes">S, [m, k].</param>
    /// <param name="n">Columns.</param>
    /// <param name="b">B.</param>
    /// <param name="y">[m, n]</param>
    /// <param name="accumulate">Whether Y's old values stay in the sum.</param>
    internal static void Run(SpikeBlocks blocks, ReadOnlyMemory<float> spikes, int n, MatrixView b, Memory<float> y, bool accumulate)
    {
        if (blocks.Vectors == 0 || n == 0)
            return;
        Memory<float> events = Workspace.RentTemporary(FloatsFor(blocks.EventsLength), out Workspace.Mark mark);
        Memory<float> ends = Workspace.RentTemporary(FloatsFor(blocks.EndsLength), out _);
        RowParallel.For(blocks.Vectors, EncodeGrain, (blocks, spikes, events, ends), static (s, start, end) => Simd.Run(new SpikeEncode
        {
            Blocks = s.blocks, Spikes = s.spikes.Span, Start = start, End = end, Events = Numbers(s.events), Ends = Numbers(s.ends),
        }));

        RowParallel.For(n, SpikeMatMul.Width, (blocks, events, ends, b, n, y, accumulate), static (s, start, end) => Simd.Run(new SpikeMatMul
        {
            Blocks = s.blocks, Events = Numbers(s.events), Ends = Numbers(s.ends),
            B = s.b.Memory.Span[(s.b.Layout.Transposed ? start * s.b.Layout.Stride : start)..], Layout = s.b.Layout, N = end - start,
            Y = s.y.Span[start..], YStride = s.n, Accumulate = s.accumulate, Scratch = ThreadScratch.Take(SpikeMatMul.ScratchLength(s.blocks)),
        }), heavy: true);
        mark.Release();
    }

    private static int FloatsFor(int numbers) => (numbers + 1) / 2;

    private static Span<ushort> Numbers(Memory<float> memory) => MemoryMarshal.Cast<float, ushort>(memory.Span);

    private static ArgumentException NoSpike(Tensor spikes, int start, int levels)
    {
        int at = start;
        while (MathF.Round(spikes.Values[at]) == spikes.Values[at] && MathF.Abs(spikes.Values[at]) <= levels)
            at++;
        return new ArgumentException(
            $"The spikes {spikes.Shape} have {spikes.Values[at]} at {at}; they must be whole numbers from {-levels} to {levels}.", nameof(spikes));
    }
}
