using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>Events of one block of channels of one image, pixel after pixel: for each its active channels in their order.</summary>
public readonly ref struct SpikeConv2dEncode : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required SpikeConv2dShape Shape { get; init; }

    /// <summary>[channels, H, W], of which there are at most Shape.ChannelBlock.</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>The events, overwritten: see <see cref="SpikeRun"/>.</summary>
    public required Span<ushort> Events { get; init; }

    /// <summary>[pixels + 1], where the events of each pixel begin.</summary>
    public required Span<int> Starts { get; init; }

    /// <summary>[1], set if something is neither 0 nor 1.</summary>
    public required Span<bool> HasOther { get; init; }

    /// <summary><see cref="ScratchLength"/> words.</summary>
    public required Span<ulong> Scratch { get; init; }

    /// <summary>Words that the kernel needs.</summary>
    public static int ScratchLength(SpikeConv2dShape shape) => (shape.ChannelBlock + 1) * Words(shape.Window.PlaneLength) + SpikeBitMatrix.Size;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int pixels = Shape.Window.PlaneLength, words = Words(pixels), channels = Spikes.Length / pixels;
        Span<ulong> square = Scratch[..SpikeBitMatrix.Size], bits = Scratch.Slice(SpikeBitMatrix.Size, channels * words);
        new SpikeBits { Spikes = Spikes, Planes = channels, Bits = bits, HasOther = HasOther }.Run<L>();
        square.Clear();
        int count = 0, column = 0;
        for (int word = 0; word < words; word++)
        {
            for (int channel = 0; channel < channels; channel++)
                square[channel] = bits[channel * words + word];
            square[channels..].Clear();
            SpikeBitMatrix.Transpose(square);
            int first = word * SpikeBitMatrix.Size;
            count = Put(square[..Math.Min(SpikeBitMatrix.Size, pixels - first)], channels, first, count, ref column);
        }

        Starts[pixels] = count;
    }

    /// <summary>The events of some pixels, whose channels are bits: the order of pixels is that of their rows.</summary>
    private int Put(ReadOnlySpan<ulong> pixels, int channels, int first, int count, ref int column)
    {
        ReadOnlySpan<Vector128<byte>> table = Compaction.Table;
        int block = Shape.ChannelBlock, width = Shape.Window.Width;
        Vector128<ushort> step = Vector128.Create((ushort)Compaction.Width);
        Span<ushort> events = Events;
        Span<int> starts = Starts.Slice(first, pixels.Length);
        for (int i = 0; i < pixels.Length; i++)
        {
            starts[i] = count;
            ulong bits = pixels[i];
            Vector128<ushort> numbers = Vector128<ushort>.Indices + Vector128.Create((ushort)(column * block));
            for (int channel = 0; channel < channels; channel += Compaction.Width, numbers += step, bits >>= Compaction.Width)
                count = Compaction.Put(table, (byte)bits, numbers, events, count);
            if (++column == width)
                column = 0;
        }

        return count;
    }

    private static int Words(int pixels) => (pixels + SpikeBitMatrix.Size - 1) / SpikeBitMatrix.Size;
}
