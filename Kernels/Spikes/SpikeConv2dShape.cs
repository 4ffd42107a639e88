namespace SpikeEngine.Kernels;

/// <summary>Sizes of a convolution of binary spikes, and how it is cut.</summary>
/// <param name="Batch">Images.</param>
/// <param name="Channels">Planes of an input image.</param>
/// <param name="Outputs">Planes of an output image.</param>
/// <param name="Window">The window over a plane, without dilation.</param>
public readonly record struct SpikeConv2dShape(int Batch, int Channels, int Outputs, Window2d Window)
{
    /// <summary>Outputs that are worked on together: four registers of 512 bits.</summary>
    public const int TileWidth = 64;

    private const int MostRows = 192;         // of weights beside a tile: 48 kB; with fewer, first-level cache or not, runs are too short
    private const int WordBits = 64;          // channels of a block are the bits of a word
    private const int BandPositions = 1024;   // their sums beside a tile: 256 kB, a share of the second-level cache
    private const int EnoughPieces = 4;       // from here on, planes need not be cut
    private const int FewestPositions = 128;  // that are worth a band of their own

    /// <summary>Channels whose events are in one list, about equal for all blocks: from the weight's shape alone, as the order of every sum is.</summary>
    public int ChannelBlock
    {
        get
        {
            int most = Math.Clamp(MostRows / Window.Kernel.Width, 1, WordBits), blocks = (Channels + most - 1) / most;
            return (Channels + blocks - 1) / blocks;
        }
    }

    /// <summary>Blocks of channels.</summary>
    public int ChannelBlocks => (Channels + ChannelBlock - 1) / ChannelBlock;

    /// <summary>Tiles of outputs.</summary>
    public int Tiles => (Outputs + TileWidth - 1) / TileWidth;

    /// <summary>Rows of positions in a band; the last may have fewer.</summary>
    public int BandRows
    {
        get
        {
            int pieces = Batch * Tiles, wanted = (EnoughPieces + pieces - 1) / pieces;
            int rows = Math.Min((Window.OutHeight + wanted - 1) / wanted, BandPositions / Window.OutWidth);
            return Math.Clamp(rows, Math.Min(Window.OutHeight, (FewestPositions + Window.OutWidth - 1) / Window.OutWidth), Window.OutHeight);
        }
    }

    /// <summary>Bands of positions.</summary>
    public int Bands => (Window.OutHeight + BandRows - 1) / BandRows;

    /// <summary>Rows of a plane that a band meets, at most.</summary>
    public int RowsOfBand => Math.Min(Window.Height, Window.RowsFor(BandRows));

    /// <summary>Numbers of 16 bits for the events of one block of one image: a few more, since they are written eight at a time.</summary>
    public int EventsLength => checked(Window.PlaneLength * ChannelBlock + WordBits);

    /// <summary>Runs of one band and block.</summary>
    public int RunsLength => RowsOfBand * Window.OutWidth;

    /// <summary>Length of a row of a tile's weights for one row of taps and one block of channels.</summary>
    public int TileLength => Window.Kernel.Width * ChannelBlock * TileWidth;
}
