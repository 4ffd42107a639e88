namespace SpikeEngine.Kernels;

/// <summary>
/// y[o, p, q] = bias[o] + Σ weight[o, c, i, j] over the taps (i, j) and channels c that spike there, by additions alone; one image, one band
/// of positions, one tile of outputs. Sums lie channel-last. The weights of one row of taps and one block of channels stay in the first-level
/// cache while all positions pass, and are added row by row, to sums in registers, where a channel is active.
/// </summary>
public readonly ref struct SpikeConv2dForward : ISimdKernel
{
    private const int Width = SpikeConv2dShape.TileWidth;

    /// <summary>Sizes.</summary>
    public required SpikeConv2dShape Shape { get; init; }

    /// <summary>[blocks, Shape.EventsLength], of the image.</summary>
    public required ReadOnlySpan<ushort> Events { get; init; }

    /// <summary>[blocks, bands, Shape.RunsLength], of the image.</summary>
    public required ReadOnlySpan<SpikeRun> Runs { get; init; }

    /// <summary>[blocks, bands, Shape.RowsOfBand], of the image.</summary>
    public required ReadOnlySpan<SpikeRunClass> Classes { get; init; }

    /// <summary>[blocks, rows of taps, taps, channels of the block, 64], of the tile.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[outputs of the tile], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>Number of the band.</summary>
    public required int Band { get; init; }

    /// <summary>[outputs of the tile, positions], of which the band is written.</summary>
    public required Span<float> Y { get; init; }

    /// <summary><see cref="ScratchLength"/> floats, best on a cache line.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(SpikeConv2dShape shape) => shape.BandRows * shape.Window.OutWidth * Width;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        SpikeConv2dShape shape = Shape;
        Window2d window = shape.Window;
        int firstRow = Band * shape.BandRows, first = firstRow * window.OutWidth, all = window.OutCount;
        int positions = Math.Min(shape.BandRows, window.OutHeight - firstRow) * window.OutWidth, outputs = Y.Length / all;
        Span<float> sums = Scratch[..(positions * Width)];
        Start(sums);
        for (int block = 0; block < shape.ChannelBlocks; block++)
        {
            int part = block * shape.Bands + Band;
            ReadOnlySpan<SpikeRun> runs = Runs.Slice(part * shape.RunsLength, shape.RunsLength);
            ReadOnlySpan<SpikeRunClass> classes = Classes.Slice(part * shape.RowsOfBand, shape.RowsOfBand);
            for (int tap = 0; tap < window.Kernel.Height; tap++)
            {
                SpikeRunSums target = new()
                {
                    Events = Events.Slice(block * shape.EventsLength, shape.EventsLength),
                    Tile = Weight.Slice((block * window.Kernel.Height + tap) * shape.TileLength, shape.TileLength),
                    Before = tap / window.Stride.Height * window.OutWidth + first,
                    Sums = sums,
                };
                int start = 0;
                foreach (SpikeRunClass each in classes)
                {
                    if ((each.Taps >> tap & 1) != 0)
                        target.Add<L>(runs[start..each.End], outputs);
                    start = each.End;
                }
            }
        }

        Transposed.Copy(sums, Width, outputs, positions, all, Y[first..]);
    }

    private void Start(Span<float> sums)
    {
        Span<float> row = sums[..Width];
        row.Clear();
        Bias.CopyTo(row);
        for (int at = Width; at < sums.Length; at += Width)
            row.CopyTo(sums[at..]);
    }
}
