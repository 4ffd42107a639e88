using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight of a convolution as spikes read it, with stride and padding: the outputs of one tap and channel side by side, in tiles.
/// Immutable.
/// </summary>
public sealed class SpikeConvWeight
{
    private const int MostTaps = 64;   // along either axis: a bit each

    private readonly Tensor _tiles;   // knows when its workspace is closed

    private SpikeConvWeight(Tensor weight, Size2d stride, Size2d padding, Func<int, Tensor> allocate)
    {
        (Shape, Stride, Padding) = (weight.Shape, stride, padding);
        SpikeConv2dShape shape = new(1, Channels, Outputs, new Window2d(0, 0, Kernel, stride, padding, 1));
        TileLength = checked(shape.ChannelBlocks * Kernel.Height * shape.TileLength);
        _tiles = allocate(checked(shape.Tiles * TileLength));
        RowParallel.For(Outputs, SpikeConv2dShape.TileWidth, (to: this, weight, shape), static (s, start, end) =>
        {
            for (int output = start; output < end; output++)
                s.to.Lay(s.shape, s.weight.Values, output);
        });
    }

    /// <summary>[outputs, channels, KH, KW]</summary>
    public Shape Shape { get; }

    /// <summary>Steps of the window.</summary>
    public Size2d Stride { get; }

    /// <summary>Zeros on either side.</summary>
    public Size2d Padding { get; }

    /// <summary>Channels of y.</summary>
    public int Outputs => Shape[0];

    /// <summary>Channels of x.</summary>
    public int Channels => Shape[1];

    /// <summary>(KH, KW)</summary>
    public Size2d Kernel => (Shape[2], Shape[3]);

    /// <summary>Floats of one tile.</summary>
    internal int TileLength { get; }

    /// <summary>The weights of a tile: [blocks of channels, KH, KW, channels of the block, 64].</summary>
    internal ReadOnlySpan<float> Tile(int tile) => _tiles.Values.Slice(tile * TileLength, TileLength);

    /// <summary>Lays out a weight; later changes to it are not seen.</summary>
    /// <param name="weight">[outputs, channels, KH, KW]</param>
    /// <param name="stride">Steps of the window; 1 when null.</param>
    /// <param name="padding">Zeros on either side.</param>
    /// <exception cref="ArgumentException">The weight has not four axes, none of them empty, or more than 64 taps along one; or stride or padding is none.</exception>
    public static SpikeConvWeight From(Tensor weight, Size2d? stride = null, Size2d padding = default) =>
        From(weight, stride, padding, static length => new Tensor(new Shape(length), AlignedMemory.Allocate(length)));

    /// <summary>The same for as long as the current <see cref="Workspace"/> is open: for a weight that changes in every step of training.</summary>
    /// <inheritdoc cref="From(Tensor, Size2d?, Size2d)"/>
    public static SpikeConvWeight InWorkspace(Tensor weight, Size2d? stride = null, Size2d padding = default) =>
        From(weight, stride, padding, static length =>
        {
            Tensor tiles = new(length);
            tiles.Values.Clear();   // the last tile may have fewer outputs than room
            return tiles;
        });

    private static SpikeConvWeight From(Tensor weight, Size2d? stride, Size2d padding, Func<int, Tensor> allocate)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Shape.Rank != 4 || weight.Count == 0 || Math.Max(weight.Shape[2], weight.Shape[3]) > MostTaps)
            throw new ArgumentException($"weight is {weight.Shape}: it must be [outputs, channels, KH, KW] with at most {MostTaps} taps along an axis.", nameof(weight));
        Size2d steps = stride ?? 1;
        if (Math.Min(steps.Height, steps.Width) < 1)
            throw new ArgumentException($"stride {steps} must be 1 or more.", nameof(stride));
        if (Math.Min(padding.Height, padding.Width) < 0)
            throw new ArgumentException($"padding {padding} must not be negative.", nameof(padding));
        return new SpikeConvWeight(weight, steps, padding, allocate);
    }

    private void Lay(SpikeConv2dShape shape, ReadOnlySpan<float> weight, int output)
    {
        int block = shape.ChannelBlock, taps = Kernel.Height * Kernel.Width;
        (int tile, int column) = Math.DivRem(output, SpikeConv2dShape.TileWidth);
        Span<float> to = _tiles.Values.Slice(tile * TileLength, TileLength);
        for (int channel = 0; channel < Channels; channel++)
        {
            (int part, int inPart) = Math.DivRem(channel, block);
            for (int tap = 0; tap < taps; tap++)
                to[((part * taps + tap) * block + inPart) * SpikeConv2dShape.TileWidth + column] = weight[(output * Channels + channel) * taps + tap];
        }
    }
}
