using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// Two-dimensional convolution of binary spikes with a frozen weight, accumulate-only: the weights of active inputs are added, and nothing
    /// is multiplied. For finite weights the same as <see cref="Conv2d(Tensor, Tensor, Tensor?, Size2d?, Size2d, Size2d?, int)"/>, but for the
    /// order of sums, which is the same for any number of threads and at any width of registers.
    /// </summary>
    /// <param name="spikes">[N, C, H, W], each 0 or 1.</param>
    /// <param name="weight">[O, C, KH, KW], with stride and padding.</param>
    /// <param name="bias">[O], or null.</param>
    /// <returns>[N, O, OH, OW], and what it took.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit each other, the window does not fit the padded planes, or a spike is neither 0 nor 1.</exception>
    /// <exception cref="InvalidOperationException">A tape is open and an argument wants a gradient: there is none through a frozen weight.</exception>
    public static SpikeConv2dResult SpikeConv2d(Tensor spikes, SpikeConvWeight weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(spikes);
        ArgumentNullException.ThrowIfNull(weight);
        SpikeConv2dShape shape = RequireSpikeConv2d(spikes, weight, bias);
        RequireNoGradient(spikes, bias);
        Tensor y = new(shape.Batch, shape.Outputs, shape.Window.OutHeight, shape.Window.OutWidth);
        if (shape.Batch == 0)
            return new SpikeConv2dResult(y, 0, 0);

        EncodedSpikePlanes encoded = new(shape, spikes, out Workspace.Mark mark);
        if (encoded.HasOther)
        {
            mark.Release();
            throw NotBinary(spikes);
        }

        long accumulates = encoded.Pairs * shape.Outputs;
        using var timing = Profiler.Time(flops: accumulates);
        int pieces = shape.Batch * shape.Tiles * shape.Bands;
        RowParallel.For(pieces, 1, (shape, encoded, weight, bias, y), static (s, start, end) =>
        {
            for (int piece = start; piece < end; piece++)
                AccumulateTile(s.shape, s.encoded, s.weight, s.bias, s.y, piece);
        }, heavy: true);
        mark.Release();
        return new SpikeConv2dResult(y, encoded.Count, accumulates);
    }

    private static void AccumulateTile(SpikeConv2dShape shape, EncodedSpikePlanes encoded, SpikeConvWeight weight, Tensor? bias, Tensor y, int piece)
    {
        // Neighbouring pieces share the weights of a tile, in the second-level cache.
        (int part, int band) = Math.DivRem(piece, shape.Bands);
        (int tile, int image) = Math.DivRem(part, shape.Batch);
        int first = tile * SpikeConv2dShape.TileWidth, count = Math.Min(SpikeConv2dShape.TileWidth, shape.Outputs - first), positions = shape.Window.OutCount;
        Simd.Run(new SpikeConv2dForward
        {
            Shape = shape, Events = encoded.Events(image), Runs = encoded.Runs(image), Classes = encoded.Classes(image), Weight = weight.Tile(tile),
            Bias = bias is null ? [] : bias.Values.Slice(first, count), Band = band,
            Y = y.Values.Slice((image * shape.Outputs + first) * positions, count * positions),
            Scratch = ThreadScratch.Take(SpikeConv2dForward.ScratchLength(shape)),
        });
    }

    private static SpikeConv2dShape RequireSpikeConv2d(Tensor spikes, SpikeConvWeight weight, Tensor? bias)
    {
        if (spikes.Shape.Rank != 4 || spikes.Shape[1] != weight.Channels)
            throw new ArgumentException($"spikes is {spikes.Shape}, weight is {weight.Shape}: spikes must be [N, {weight.Channels}, H, W].", nameof(spikes));
        if (bias is not null && bias.Count != weight.Outputs)
            throw new ArgumentException($"bias is {bias.Shape}, weight is {weight.Shape}: bias must have weight's {weight.Outputs} outputs.", nameof(bias));
        Window2d window = RequireWindow(spikes, weight.Kernel, weight.Stride, weight.Padding, 1);
        return new SpikeConv2dShape(spikes.Shape[0], weight.Channels, weight.Outputs, window);
    }

    /// <summary>Names the first that is not, whichever thread came upon one.</summary>
    private static ArgumentException NotBinary(Tensor spikes)
    {
        int at = spikes.Values.IndexOfAnyExcept(0f, 1f);
        (int rest, int column) = Math.DivRem(at, spikes.Shape[3]);
        (rest, int row) = Math.DivRem(rest, spikes.Shape[2]);
        (int image, int channel) = Math.DivRem(rest, spikes.Shape[1]);
        return new ArgumentException(
            $"The spikes {spikes.Shape} have {spikes.Values[at]} at [{image}, {channel}, {row}, {column}]; they must be 0 or 1.", nameof(spikes));
    }
}
