using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Where the spikes of some images are, in the order in which a convolution adds their weights: found once, for all its outputs.</summary>
internal sealed class EncodedSpikePlanes
{
    private readonly SpikeConv2dShape _shape;
    private readonly Memory<float> _events;    // [images, blocks, EventsLength]
    private readonly Memory<float> _runs;      // [images, blocks, bands, RunsLength]
    private readonly Memory<float> _classes;   // [images, blocks, bands, RowsOfBand]
    private long _count;
    private long _pairs;
    private bool _hasOther;

    /// <summary>Encodes on all threads.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="spikes">[N, C, H, W]</param>
    /// <param name="mark">Gives the memory back.</param>
    internal EncodedSpikePlanes(SpikeConv2dShape shape, Tensor spikes, out Workspace.Mark mark)
    {
        _shape = shape;
        int pieces = shape.Batch * shape.ChannelBlocks;
        _events = Workspace.RentTemporary(FloatsFor<ushort>(pieces * shape.EventsLength), out mark);
        _runs = Workspace.RentTemporary(FloatsFor<SpikeRun>(pieces * shape.Bands * shape.RunsLength), out _);
        _classes = Workspace.RentTemporary(FloatsFor<SpikeRunClass>(pieces * shape.Bands * shape.RowsOfBand), out _);
        RowParallel.For(pieces, 1, (to: this, spikes), static (s, start, end) =>
        {
            for (int piece = start; piece < end; piece++)
                s.to.Encode(s.spikes.Values, piece);
        }, heavy: true);
    }

    /// <summary>Spikes.</summary>
    internal long Count => _count;

    /// <summary>Pairs of a spike and a position that it reaches.</summary>
    internal long Pairs => _pairs;

    /// <summary>Whether something is neither 0 nor 1.</summary>
    internal bool HasOther => _hasOther;

    /// <summary>The events of one image.</summary>
    internal ReadOnlySpan<ushort> Events(int image) => Part<ushort>(_events, image, _shape.ChannelBlocks * _shape.EventsLength);

    /// <summary>Its runs.</summary>
    internal ReadOnlySpan<SpikeRun> Runs(int image) => Part<SpikeRun>(_runs, image, _shape.ChannelBlocks * _shape.Bands * _shape.RunsLength);

    /// <summary>Their classes.</summary>
    internal ReadOnlySpan<SpikeRunClass> Classes(int image) =>
        Part<SpikeRunClass>(_classes, image, _shape.ChannelBlocks * _shape.Bands * _shape.RowsOfBand);

    private void Encode(ReadOnlySpan<float> spikes, int piece)
    {
        SpikeConv2dShape shape = _shape;
        (int image, int block) = Math.DivRem(piece, shape.ChannelBlocks);
        int pixels = shape.Window.PlaneLength, channel = block * shape.ChannelBlock;
        int words = 2 * SpikeConv2dEncode.ScratchLength(shape), places = SpikeRunSort.PlacesLength(shape);
        Span<float> scratch = ThreadScratch.Take(words + pixels + 1 + places);
        Span<int> starts = MemoryMarshal.Cast<float, int>(scratch[words..])[..(pixels + 1)];
        bool other = false;
        Simd.Run(new SpikeConv2dEncode
        {
            Shape = shape, Spikes = spikes.Slice((image * shape.Channels + channel) * pixels, Math.Min(shape.ChannelBlock, shape.Channels - channel) * pixels),
            Events = Part<ushort>(_events, piece, shape.EventsLength), Starts = starts, HasOther = new Span<bool>(ref other),
            Scratch = MemoryMarshal.Cast<float, ulong>(scratch[..words]),
        });
        if (other)
        {
            Volatile.Write(ref _hasOther, true);
            return;
        }

        long pairs = 0;
        for (int band = 0; band < shape.Bands; band++)
        {
            int at = piece * shape.Bands + band, row = band * shape.BandRows;
            pairs += new SpikeRunSort
            {
                Shape = shape, FirstRow = row, Rows = Math.Min(shape.BandRows, shape.Window.OutHeight - row), Starts = starts,
                Runs = Part<SpikeRun>(_runs, at, shape.RunsLength), Classes = Part<SpikeRunClass>(_classes, at, shape.RowsOfBand),
                Places = MemoryMarshal.Cast<float, int>(scratch)[^places..],
            }.Sort();
        }

        Interlocked.Add(ref _count, starts[pixels]);
        Interlocked.Add(ref _pairs, pairs);
    }

    private static Span<T> Part<T>(Memory<float> all, int index, int length)
        where T : unmanaged => MemoryMarshal.Cast<float, T>(all.Span).Slice(index * length, length);

    private static int FloatsFor<T>(int count)
        where T : unmanaged => checked((int)(((long)count * Unsafe.SizeOf<T>() + sizeof(float) - 1) / sizeof(float)));
}
