namespace SpikeEngine.Kernels;

/// <summary>Sizes of a convolution over planes, and how it is cut into pieces that fit the caches.</summary>
/// <param name="Batch">Images.</param>
/// <param name="Channels">Planes of an input image.</param>
/// <param name="Outputs">Planes of an output image.</param>
/// <param name="Groups">Groups of channels that are convolved apart.</param>
/// <param name="Window">The window over a plane.</param>
public readonly record struct Conv2dShape(int Batch, int Channels, int Outputs, int Groups, Window2d Window)
{
    private const int BlockDepth = 256;        // what the product takes as one block of its sums
    private const int BlockPositions = 128;    // 256 rows of it: 128 kB, a share of the second-level cache
    private const int PositionStep = 32;       // a multiple of every panel's width
    private const int MaxPlanes = 1 << 20;     // floats of padded planes that a thread holds

    /// <summary>Input channels of a group.</summary>
    public int GroupChannels => Channels / Groups;

    /// <summary>Output channels of a group.</summary>
    public int GroupOutputs => Outputs / Groups;

    /// <summary>Length of the sums: channels of a group times taps.</summary>
    public int Depth => GroupChannels * Window.Taps;

    /// <summary>Positions of the window.</summary>
    public int Positions => Window.OutCount;

    /// <summary>Whether every group has one channel: then a direct loop has no more to load than a product would.</summary>
    public bool IsDepthwise => GroupChannels == 1;

    /// <summary>Multiply-adds counted as two operations.</summary>
    public long Flops => 2L * Batch * Outputs * Positions * Depth;

    /// <summary>Positions in a block, about equal for all blocks; the last may be smaller.</summary>
    public int PositionBlock
    {
        get
        {
            int blocks = (Positions + BlockPositions - 1) / BlockPositions;
            int each = (Positions + blocks - 1) / blocks;
            return Math.Min(Positions, (each + PositionStep - 1) / PositionStep * PositionStep);
        }
    }

    /// <summary>Blocks of positions.</summary>
    public int PositionBlocks => (Positions + PositionBlock - 1) / PositionBlock;

    /// <summary>Channels in a block of a group, about equal for all blocks; the last may be smaller.</summary>
    public int ChannelBlock
    {
        get
        {
            int plane = Math.Max(1, PaddedPlanes.Length(Window, 1, Window.RowsFor(Window.OutHeight)));
            int most = Math.Max(1, Math.Min(BlockDepth / Window.Taps, MaxPlanes / plane));
            int blocks = (GroupChannels + most - 1) / most;
            return (GroupChannels + blocks - 1) / blocks;
        }
    }

    /// <summary>Blocks of channels in a group.</summary>
    public int ChannelBlocks => (GroupChannels + ChannelBlock - 1) / ChannelBlock;

    /// <summary>First row of positions that a block meets, and how many padded rows its windows cover.</summary>
    internal (int FirstRow, int Rows) Band(int start, int count)
    {
        int first = start / Window.OutWidth, last = (start + count - 1) / Window.OutWidth;
        return (first * Window.Stride.Height, Window.RowsFor(last - first + 1));
    }

    /// <summary>Floats of the padded planes of one block.</summary>
    internal int BandLength
    {
        get
        {
            int rows = Math.Min(Window.OutHeight, (PositionBlock - 1) / Window.OutWidth + 2);
            return PaddedPlanes.Length(Window, ChannelBlock, Window.RowsFor(rows));
        }
    }

    /// <summary>Floats of one block of the matrix that <see cref="Im2Col"/> makes, in panels of any width.</summary>
    internal int MatrixLength => ChannelBlock * Window.Taps * ((PositionBlock + PositionStep - 1) / PositionStep * PositionStep);
}
