namespace SpikeEngine.Kernels;

/// <summary>
/// y[o, p] = bias[o] + Σ_k weight[o, k] * col[k, p] for one image, one group and some positions p, where col[(c, i, j), p] is the
/// element of channel c that tap (i, j) meets at p. The matrix col exists for one block at a time, in the panels that
/// <see cref="MatMulRows"/> reads.
/// </summary>
public readonly ref struct Conv2dForward : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required Conv2dShape Shape { get; init; }

    /// <summary>[group's channels, H, W]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[group's outputs, depth]</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[group's outputs], or empty.</summary>
    public required ReadOnlySpan<float> Bias { get; init; }

    /// <summary>First position.</summary>
    public required int Start { get; init; }

    /// <summary>Positions, at most Shape.PositionBlock.</summary>
    public required int Count { get; init; }

    /// <summary>[group's outputs, positions], of which the block is written.</summary>
    public required Span<float> Y { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(Conv2dShape shape) => shape.MatrixLength + shape.BandLength;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Shape.Window;
        int positions = Shape.Positions, depth = Shape.Depth, outputs = Shape.GroupOutputs, block = Shape.ChannelBlock;
        for (int o = 0; o < Bias.Length; o++)
            Y.Slice(o * positions + Start, Count).Fill(Bias[o]);

        ScratchCutter scratch = new(Scratch);
        Span<float> panels = scratch.Take(Shape.MatrixLength);
        (int firstRow, int rows) = Shape.Band(Start, Count);
        for (int channel = 0; channel < Shape.GroupChannels; channel += block)
        {
            int channels = Math.Min(block, Shape.GroupChannels - channel);
            ReadOnlySpan<float> band = PaddedPlanes.Band(
                window, X[(channel * window.PlaneLength)..], channels, firstRow, rows, 0f, scratch.Rest, out int planeLength);
            Im2Col matrix = new() { Window = window, Channels = channels, Start = Start, Count = Count, PlaneLength = planeLength };
            matrix.Pack<L>(band, MatMulTile.Columns<L>(), panels);
            SmallMatMul.Multiply(
                outputs, Count, matrix.Depth, Weight[(channel * window.Taps)..], depth, false,
                panels, Y[Start..], positions, accumulate: channel > 0 || !Bias.IsEmpty);
        }
    }
}

/// <summary>grad_x += the matrix weightᵀ · grad_y, added back to where <see cref="Im2Col"/> took it from; one image, one block of channels.</summary>
public readonly ref struct Conv2dGradX : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required Conv2dShape Shape { get; init; }

    /// <summary>[channels * taps, group's outputs]: the block's rows of the transposed weight.</summary>
    public required ReadOnlySpan<float> WeightTransposed { get; init; }

    /// <summary>[group's outputs, positions]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[channels, H, W], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(Conv2dShape shape) =>
        shape.MatrixLength + PackPanels.Length(shape.GroupOutputs, shape.PositionBlock) + PlanesLength(shape, shape.ChannelBlock);

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Shape.Window;
        int channels = GradX.Length / window.PlaneLength, positions = Shape.Positions, outputs = Shape.GroupOutputs, block = Shape.PositionBlock;
        int rows = window.RowsFor(window.OutHeight), planeLength = window.IsPlain ? window.PlaneLength : rows * window.RowLength;
        ScratchCutter scratch = new(Scratch);
        Span<float> product = scratch.Take(Shape.MatrixLength), planes = scratch.Take(PlanesLength(Shape, channels));
        Span<float> packed = scratch.Rest;
        Window2d row = new(1, positions, 1, 1, 0, 1);   // the positions themselves: panels of grad_y without taps
        planes.Clear();
        if (window.IsPlain)
            planes = GradX;

        for (int start = 0; start < positions; start += block)
        {
            int count = Math.Min(block, positions - start);
            Im2Col matrix = new() { Window = window, Channels = channels, Start = start, Count = count, PlaneLength = planeLength };
            Im2Col gradY = new() { Window = row, Channels = outputs, Start = start, Count = count, PlaneLength = positions };
            gradY.Pack<L>(GradY, MatMulTile.Columns<L>(), packed);
            SmallMatMul.Multiply(matrix.Depth, count, outputs, WeightTransposed, outputs, false, packed, product, count, accumulate: false);
            matrix.AddTo<L>(product, planes[(Shape.Band(start, count).FirstRow * window.RowLength)..]);
        }

        if (!window.IsPlain)
            PaddedPlanes.AddUnpadded<L>(window, planes, rows, GradX);
    }

    private static int PlanesLength(Conv2dShape shape, int channels) =>
        PaddedPlanes.Length(shape.Window, channels, shape.Window.RowsFor(shape.Window.OutHeight));
}

/// <summary>
/// grad_weightᵀ += col · grad_yᵀ for one image and one block of channels. That way round, col is read along its rows and
/// need not be packed; the packed grad_yᵀ serves all blocks of channels.
/// </summary>
public readonly ref struct Conv2dGradWeight : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required Conv2dShape Shape { get; init; }

    /// <summary>[channels, H, W]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>grad_yᵀ [positions, group's outputs]: for each block of positions its panels by <see cref="PackPanels"/>.</summary>
    public required ReadOnlySpan<float> PackedGradY { get; init; }

    /// <summary>[channels * taps, group's outputs], accumulated.</summary>
    public required Span<float> GradWeightTransposed { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(Conv2dShape shape) => shape.MatrixLength + shape.BandLength;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Window2d window = Shape.Window;
        int channels = X.Length / window.PlaneLength, positions = Shape.Positions, outputs = Shape.GroupOutputs, block = Shape.PositionBlock;
        int packedRow = PackPanels.Length(1, outputs);
        ScratchCutter scratch = new(Scratch);
        Span<float> col = scratch.Take(Shape.MatrixLength);
        for (int start = 0; start < positions; start += block)
        {
            int count = Math.Min(block, positions - start);
            (int firstRow, int rows) = Shape.Band(start, count);
            ReadOnlySpan<float> band = PaddedPlanes.Band(window, X, channels, firstRow, rows, 0f, scratch.Rest, out int planeLength);
            Im2Col matrix = new() { Window = window, Channels = channels, Start = start, Count = count, PlaneLength = planeLength };
            matrix.Pack<L>(band, count, col);
            SmallMatMul.Multiply(
                matrix.Depth, outputs, count, col, count, false,
                PackedGradY.Slice(start * packedRow, count * packedRow), GradWeightTransposed, outputs, accumulate: true);
        }
    }
}
