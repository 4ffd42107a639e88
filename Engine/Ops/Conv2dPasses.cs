using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// The passes of a two-dimensional convolution on all threads. Pieces are images, groups, and blocks of positions or of
/// channels; sums over images are added in an order that the shape alone decides.
/// </summary>
internal static class Conv2dPasses
{
    private const int PieceWork = 1 << 18;         // multiply-adds that are worth a piece
    private const int EnoughPieces = 8;            // from here on, images need not be shared out for the weight's gradient
    private const int ChunkFloats = 1 << 20;       // packed gradients held at a time

    internal static void Forward(Conv2dShape shape, Tensor x, Tensor weight, Tensor? bias, Tensor y)
    {
        if (shape.IsDepthwise)
        {
            RowParallel.For(
                shape.Batch * shape.Channels, Grain(shape.Flops, shape.Batch * shape.Channels), (shape, x, weight, bias, y), ForwardDepthwise);
            return;
        }

        int pieces = shape.Batch * shape.Groups * shape.PositionBlocks;
        RowParallel.For(pieces, Grain(shape.Flops, pieces), (shape, x, weight, bias, y), static (s, start, end) =>
        {
            Conv2dShape shape = s.shape;
            Span<float> scratch = ThreadScratch.Take(Conv2dForward.ScratchLength(shape));
            for (int piece = start; piece < end; piece++)
            {
                (int part, int block) = Math.DivRem(piece, shape.PositionBlocks);
                int group = part % shape.Groups, first = block * shape.PositionBlock;
                Simd.Run(new Conv2dForward
                {
                    Shape = shape,
                    X = Part(s.x.Values, part, shape.GroupChannels * shape.Window.PlaneLength),
                    Weight = Part(s.weight.Values, group, shape.GroupOutputs * shape.Depth),
                    Bias = s.bias is null ? [] : Part(s.bias.Values, group, shape.GroupOutputs),
                    Start = first,
                    Count = Math.Min(shape.PositionBlock, shape.Positions - first),
                    Y = Part(s.y.Values, part, shape.GroupOutputs * shape.Positions),
                    Scratch = scratch,
                });
            }
        });
    }

    /// <summary>Adds to the gradients of x, weight and bias, as far as they are wanted; their memory must be there already.</summary>
    internal static void Backward(Conv2dShape shape, Tensor x, Tensor weight, Tensor? bias, Tensor y)
    {
        if (bias is { NeedsGrad: true })
        {
            int perChannel = shape.Batch * shape.Positions;
            RowParallel.For(shape.Outputs, Grain(2L * perChannel * shape.Outputs, shape.Outputs), (shape, bias, y), static (s, start, end) =>
                Simd.Run(new ChannelSums { X = s.y.Grad, Plane = s.shape.Positions, Start = start, End = end, Sum = s.bias.Grad }));
        }

        if (x.NeedsGrad && shape.IsDepthwise)
            RowParallel.For(shape.Batch * shape.Channels, Grain(shape.Flops, shape.Batch * shape.Channels), (shape, x, weight, y), GradXDepthwise);
        else if (x.NeedsGrad)
            GradX(shape, x, weight, y);

        if (weight.NeedsGrad && shape.IsDepthwise)
            GradWeightDepthwise(shape, x, weight, y);
        else if (weight.NeedsGrad)
            GradWeight(shape, x, weight, y);
    }

    private static void GradX(Conv2dShape shape, Tensor x, Tensor weight, Tensor y)
    {
        Memory<float> transposed = Workspace.RentTemporary(weight.Count, out Workspace.Mark mark);
        transposed.Span.Clear();
        RowParallel.For(shape.Depth, 64, (shape, weight, transposed), static (s, start, end) =>
        {
            int length = s.shape.GroupOutputs * s.shape.Depth;
            for (int group = 0; group < s.shape.Groups; group++)
                Transposed.Add(Part(s.weight.Values, group, length), s.shape.Depth, Part(s.transposed.Span, group, length), start, end);
        });

        int pieces = shape.Batch * shape.Groups * shape.ChannelBlocks;
        RowParallel.For(pieces, Grain(shape.Flops, pieces), (shape, x, transposed, y), static (s, start, end) =>
        {
            Conv2dShape shape = s.shape;
            Span<float> scratch = ThreadScratch.Take(Conv2dGradX.ScratchLength(shape));
            for (int piece = start; piece < end; piece++)
            {
                (int part, int block) = Math.DivRem(piece, shape.ChannelBlocks);
                int group = part % shape.Groups;
                int rows = shape.ChannelBlock * shape.Window.Taps * shape.GroupOutputs;
                Simd.Run(new Conv2dGradX
                {
                    Shape = shape,
                    WeightTransposed = Part(s.transposed.Span, group, shape.GroupOutputs * shape.Depth)[(block * rows)..],
                    GradY = Part(s.y.Grad, part, shape.GroupOutputs * shape.Positions),
                    GradX = Channels(shape, s.x.Grad, part, block),
                    Scratch = scratch,
                });
            }
        });
        mark.Release();
    }

    /// <summary>
    /// Pieces are blocks of channels, whose sums run over all images; where they are few, the images are shared out as well and
    /// every share has a sum of its own.
    /// </summary>
    private static void GradWeight(Conv2dShape shape, Tensor x, Tensor weight, Tensor y)
    {
        int blocks = shape.Groups * shape.ChannelBlocks;
        int chunk = (int)Math.Clamp(ChunkFloats / ((long)shape.Outputs * shape.Positions), 1, Math.Max(1, shape.Batch));
        int shares = Math.Min(chunk, (EnoughPieces + blocks - 1) / blocks);
        int packedPart = PackPanels.Length(shape.Positions, shape.GroupOutputs);
        Memory<float> packed = Workspace.RentTemporary(chunk * shape.Groups * packedPart, out Workspace.Mark mark);
        Memory<float> sums = Workspace.Rent(shares * weight.Count);
        sums.Span.Clear();

        for (int first = 0; first < shape.Batch; first += chunk)
        {
            int images = Math.Min(chunk, shape.Batch - first);
            RowParallel.For(images * shape.Groups, 1, (shape, y, packed, packedPart, first), static (s, start, end) =>
            {
                for (int part = start; part < end; part++)
                    PackGradY(s.shape, s.y, s.first * s.shape.Groups + part, Part(s.packed.Span, part, s.packedPart));
            }, heavy: true);

            RowParallel.For(shares * blocks, 1, (shape, x, packed, packedPart, sums, blocks, shares, first, images), static (s, start, end) =>
            {
                Conv2dShape shape = s.shape;
                Span<float> scratch = ThreadScratch.Take(Conv2dGradWeight.ScratchLength(shape));
                for (int piece = start; piece < end; piece++)
                {
                    (int share, int place) = Math.DivRem(piece, s.blocks);
                    (int group, int block) = Math.DivRem(place, shape.ChannelBlocks);
                    int rows = shape.ChannelBlock * shape.Window.Taps * shape.GroupOutputs;
                    Span<float> sum = Part(s.sums.Span, share, shape.Outputs * shape.Depth);
                    sum = Part(sum, group, shape.GroupOutputs * shape.Depth)[(block * rows)..];
                    for (int image = share * s.images / s.shares; image < (share + 1) * s.images / s.shares; image++)
                    {
                        Simd.Run(new Conv2dGradWeight
                        {
                            Shape = shape,
                            X = Channels(shape, s.x.Values, (s.first + image) * shape.Groups + group, block),
                            PackedGradY = Part(s.packed.Span, image * shape.Groups + group, s.packedPart),
                            GradWeightTransposed = sum,
                            Scratch = scratch,
                        });
                    }
                }
            }, heavy: true);
        }

        RowParallel.For(shape.GroupOutputs, 16, (shape, weight, sums, shares), static (s, start, end) =>
        {
            int outputs = s.shape.GroupOutputs, length = outputs * s.shape.Depth;
            for (int share = 0; share < s.shares; share++)
            {
                for (int group = 0; group < s.shape.Groups; group++)
                {
                    ReadOnlySpan<float> sum = Part(s.sums.Span, share * s.shape.Groups + group, length);
                    Transposed.Add(sum, outputs, Part(s.weight.Grad, group, length), start, end);
                }
            }
        });
        mark.Release();
    }

    private static void PackGradY(Conv2dShape shape, Tensor y, int part, Span<float> packed)
    {
        int outputs = shape.GroupOutputs, positions = shape.Positions;
        ReadOnlySpan<float> gradY = Part(y.Grad, part, outputs * positions);
        for (int start = 0; start < positions; start += shape.PositionBlock)
        {
            int count = Math.Min(shape.PositionBlock, positions - start), length = PackPanels.Length(count, outputs);
            Simd.Run(new PackPanels
            {
                B = gradY[start..], Layout = new MatrixLayout(positions, Transposed: true), K = count, N = outputs,
                PanelCount = PackPanels.Panels(outputs), Packed = packed[..length],
            });
            packed = packed[length..];
        }
    }

    private static void ForwardDepthwise((Conv2dShape Shape, Tensor X, Tensor Weight, Tensor? Bias, Tensor Y) s, int start, int end)
    {
        Window2d window = s.Shape.Window;
        int outputs = s.Shape.GroupOutputs;
        Span<float> scratch = ThreadScratch.Take(DepthwiseConv2dForward.ScratchLength(window));
        for (int plane = start; plane < end; plane++)
        {
            int channel = plane % s.Shape.Channels;
            Simd.Run(new DepthwiseConv2dForward
            {
                Window = window,
                X = Part(s.X.Values, plane, window.PlaneLength),
                Weight = Part(s.Weight.Values, channel, outputs * window.Taps),
                Bias = s.Bias is null ? [] : Part(s.Bias.Values, channel, outputs),
                Y = Part(s.Y.Values, plane, outputs * window.OutCount),
                Scratch = scratch,
            });
        }
    }

    private static void GradXDepthwise((Conv2dShape Shape, Tensor X, Tensor Weight, Tensor Y) s, int start, int end)
    {
        Window2d window = s.Shape.Window;
        int outputs = s.Shape.GroupOutputs;
        Span<float> scratch = ThreadScratch.Take(DepthwiseConv2dForward.ScratchLength(window));
        for (int plane = start; plane < end; plane++)
        {
            Simd.Run(new DepthwiseConv2dGradX
            {
                Window = window,
                Weight = Part(s.Weight.Values, plane % s.Shape.Channels, outputs * window.Taps),
                GradY = Part(s.Y.Grad, plane, outputs * window.OutCount),
                GradX = Part(s.X.Grad, plane, window.PlaneLength),
                Scratch = scratch,
            });
        }
    }

    private static void GradWeightDepthwise(Conv2dShape shape, Tensor x, Tensor weight, Tensor y)
    {
        int shares = Math.Clamp((EnoughPieces + shape.Channels - 1) / shape.Channels, 1, Math.Max(1, shape.Batch));
        Memory<float> sums = Workspace.RentTemporary(shares * weight.Count, out Workspace.Mark mark);
        sums.Span.Clear();
        int pieces = shares * shape.Channels;
        RowParallel.For(pieces, Grain(shape.Flops, pieces), (shape, x, y, sums, shares), static (s, start, end) =>
        {
            Window2d window = s.shape.Window;
            int outputs = s.shape.GroupOutputs, batch = s.shape.Batch;
            Span<float> scratch = ThreadScratch.Take(DepthwiseConv2dForward.ScratchLength(window));
            for (int piece = start; piece < end; piece++)
            {
                (int share, int channel) = Math.DivRem(piece, s.shape.Channels);
                for (int image = share * batch / s.shares; image < (share + 1) * batch / s.shares; image++)
                {
                    Simd.Run(new DepthwiseConv2dGradWeight
                    {
                        Window = window,
                        X = Part(s.x.Values, image * s.shape.Channels + channel, window.PlaneLength),
                        GradY = Part(s.y.Grad, image * s.shape.Channels + channel, outputs * window.OutCount),
                        GradWeight = Part(s.sums.Span, piece, outputs * window.Taps),
                        Scratch = scratch,
                    });
                }
            }
        });
        for (int share = 0; share < shares; share++)
            Simd.Run(new AddScaled { X = Part(sums.Span, share, weight.Count), Y = weight.Grad });
        mark.Release();
    }

    /// <summary>The planes of one block of channels of one image's group.</summary>
    private static Span<float> Channels(Conv2dShape shape, Span<float> all, int part, int block)
    {
        int first = block * shape.ChannelBlock, count = Math.Min(shape.ChannelBlock, shape.GroupChannels - first), plane = shape.Window.PlaneLength;
        return Part(all, part, shape.GroupChannels * plane).Slice(first * plane, count * plane);
    }

    private static Span<float> Part(Span<float> all, int index, int length) => all.Slice(index * length, length);

    /// <summary>Pieces that are run as one, so that small ones are not handed to threads.</summary>
    private static int Grain(long flops, int pieces) => (int)Math.Clamp(PieceWork * 2L * pieces / Math.Max(1, flops), 1, Math.Max(1, pieces));
}
