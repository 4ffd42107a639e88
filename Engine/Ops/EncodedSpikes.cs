using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Where the spikes of many vectors are: found once, for all products of these spikes.</summary>
internal readonly struct EncodedSpikes
{
    private const int Grain = 16;   // vectors

    private readonly Memory<float> _codes;
    private readonly Memory<float> _events;
    private readonly Memory<float> _ends;

    /// <summary>Encodes on all threads.</summary>
    /// <param name="blocks">Sizes.</param>
    /// <param name="spikes">[vectors, inputs]</param>
    /// <param name="mark">Gives the memory back.</param>
    internal EncodedSpikes(SpikeBlocks blocks, ReadOnlyMemory<float> spikes, out Workspace.Mark mark)
    {
        Blocks = blocks;
        if (blocks.TakesSubsets)
        {
            _codes = Workspace.RentTemporary(SpikeSubsetEncode.CodesLength(blocks.Vectors, blocks.Inputs), out mark);
            RowParallel.For(blocks.Vectors, Grain, (encoded: this, spikes), static (s, start, end) => Simd.Run(new SpikeSubsetEncode
            {
                Vectors = s.encoded.Blocks.Vectors, Inputs = s.encoded.Blocks.Inputs, Spikes = s.spikes.Span, Start = start, End = end, Codes = s.encoded.Codes,
            }));
            return;
        }

        _events = Workspace.RentTemporary(FloatsFor(blocks.EventsLength), out mark);
        _ends = Workspace.RentTemporary(FloatsFor(blocks.EndsLength), out _);
        RowParallel.For(blocks.Vectors, Grain, (encoded: this, spikes), static (s, start, end) => Simd.Run(new SpikeEncode
        {
            Blocks = s.encoded.Blocks, Spikes = s.spikes.Span, Start = start, End = end, Events = s.encoded.Events, Ends = s.encoded.Ends,
        }));
    }

    /// <summary>Sizes.</summary>
    internal SpikeBlocks Blocks { get; }

    /// <summary>[blocks of 32 inputs, vectors], a bit for each spike; empty where there are events instead.</summary>
    internal Span<uint> Codes => MemoryMarshal.Cast<float, uint>(_codes.Span);

    /// <summary>[blocks, vectors, slot], the positions within a block.</summary>
    internal Span<ushort> Events => MemoryMarshal.Cast<float, ushort>(_events.Span);

    /// <summary>[blocks, vectors, 2 D], where each run ends within its slot.</summary>
    internal Span<ushort> Ends => MemoryMarshal.Cast<float, ushort>(_ends.Span);

    private static int FloatsFor(int numbers) => (numbers + 1) / 2;
}
