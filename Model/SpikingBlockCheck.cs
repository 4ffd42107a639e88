using SpikeEngine.Kernels;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>
/// <see cref="ModelCheck"/> of a model with neurons: every block by itself, run in several ways on what the chunked pass gives it. In a block all is
/// continuous up to the neuron of out_proj, and there no number may differ by more than rounding. A number within rounding of a threshold may then
/// become either spike; the results of all tokens whose spikes are the same must agree as well, and how many are not is reported.
/// </summary>
internal static class SpikingBlockCheck
{
    /// <summary>Compares.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokens">A text, of three tokens at least.</param>
    /// <param name="tolerance">Largest difference as a share of the largest number it is seen beside.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    internal static IEnumerable<ModelCheckRow> Run(Mamba2Decoder decoder, ReadOnlyMemory<int> tokens, double tolerance, CancellationToken cancellation)
    {
        Mamba2Config config = decoder.Config;
        (string Name, int Skipped, Func<DecoderLayer, Tensor, float[]> Run)[] ways =
        [
            ("step by step = chunked", 0, (layer, x) => Steps(layer, x, config)),
            ("sequential (chunks of one token) = chunked", 0, (layer, x) => layer.With(config with { ChunkSize = 1 }).Forward(x, context: default).ToArray()),
            ("two pieces with the state carried over = at once", 0, (layer, x) => Pieces(layer, x, config)),
            ("padded in front = unpadded", config.DConv + 1, (layer, x) => Padded(layer, x, config)),
        ];
        double[] largest = new double[ways.Length];
        long[] apart = new long[ways.Length];
        Tensor residual = decoder.Embed(tokens.Span, 1, tokens.Length);
        for (int number = 0; number < decoder.Layers.Count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            (DecoderLayer layer, WatchedProjection watched) = decoder.Layers[number].Watched();
            Tensor expected = layer.Forward(residual, context: default);
            for (int way = 0; way < ways.Length; way++)
            {
                (DecoderLayer other, WatchedProjection otherWatched) = decoder.Layers[number].Watched();
                float[] actual = ways[way].Run(other, residual);
                ReadOnlySpan<float> before = otherWatched.Seen[(ways[way].Skipped * config.DInner)..];
                (double difference, int tokensApart) = Compare(actual, before, expected, watched.Seen, watched.Rule);
                largest[way] = Math.Max(largest[way], difference);
                apart[way] += tokensApart;
            }

            residual = expected;
        }

        for (int way = 0; way < ways.Length; way++)
            yield return new ModelCheckRow(ways[way].Name + ", block by block", largest[way], LargestLogit: 1, tolerance) { TokensWithOtherSpikes = apart[way] };
    }

    /// <summary>The largest difference, as a share of the largest number, before the neuron and of results whose spikes are the same.</summary>
    /// <param name="actual">[T, D], results of the block.</param>
    /// <param name="before">[T, DInner], what came to its second neuron.</param>
    /// <param name="expected">[B, T, D], results of the chunked pass.</param>
    /// <param name="expectedBefore">[T, DInner], what came to the neuron there.</param>
    /// <param name="rule">The neuron.</param>
    internal static (double Difference, int TokensApart) Compare(
        ReadOnlySpan<float> actual, ReadOnlySpan<float> before, Tensor expected, ReadOnlySpan<float> expectedBefore, SpikeRule rule)
    {
        double difference = ModelCheck.LargestDifference(before, expectedBefore) / LargestOf(expectedBefore), scale = LargestOf(expected.Values);
        int width = expectedBefore.Length / expected.Rows, apart = 0;
        float[] spikes = rule.Spikes(before), expectedSpikes = rule.Spikes(expectedBefore);
        for (int token = 0; token < expected.Rows; token++)
        {
            if (!spikes.AsSpan(token * width, width).SequenceEqual(expectedSpikes.AsSpan(token * width, width)))
                apart++;
            else
                difference = Math.Max(difference, ModelCheck.LargestDifference(Row(actual, token), Row(expected.Values, token)) / scale);
        }

        return (difference, apart);

        ReadOnlySpan<float> Row(ReadOnlySpan<float> rows, int row) => rows.Slice(row * expected.Columns, expected.Columns);
    }

    private static double LargestOf(ReadOnlySpan<float> values) => Math.Max(Math.Abs(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(values)), 1e-30f);

    private static float[] Steps(DecoderLayer layer, Tensor x, Mamba2Config config)
    {
        Mamba2State state = new(config with { LayerCount = 1 });
        Mamba2Buffers buffers = new(config);
        float[] y = x.ToArray();
        for (int first = 0; first < y.Length; first += config.DModel)
            layer.Step(y.AsSpan(first, config.DModel), state.ConvWindow(0, 0), state.SsmMemory(0), buffers);
        return y;
    }

    private static float[] Pieces(DecoderLayer layer, Tensor x, Mamba2Config config)
    {
        int cut = x.Shape[1] / 3;
        PassContext context = new(new Mamba2State(config), Trace: null, Mask: null);
        return [.. layer.Forward(Rows(x, 0, cut), context).Values, .. layer.Forward(Rows(x, cut, x.Shape[1]), context).Values];
    }

    private static float[] Padded(DecoderLayer layer, Tensor x, Mamba2Config config)
    {
        int padding = config.DConv + 1, length = padding + x.Shape[1];
        Tensor padded = new(1, length, config.DModel);
        x.Values.CopyTo(padded.Values[(padding * config.DModel)..]);
        PassContext context = new(State: null, Trace: null, LeftPadding.Mask([padding], batch: 1, length, state: null));
        return layer.Forward(padded, context).Values[(padding * config.DModel)..].ToArray();
    }

    private static Tensor Rows(Tensor x, int start, int end)
    {
        Tensor rows = new(1, end - start, x.Columns);
        x.Values[(start * x.Columns)..(end * x.Columns)].CopyTo(rows.Values);
        return rows;
    }
}
