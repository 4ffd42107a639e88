using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model;

/// <summary>
/// <see cref="ModelCheck"/> of a model with neurons: every block by itself, run in several ways on what the chunked pass gives it. Where an input is
/// so near to a threshold that rounding decides, a token differs by a spike; nine of ten must not.
/// </summary>
internal static class SpikingBlockCheck
{
    private const double Share = 0.9;

    /// <summary>Compares.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokens">A text, of three tokens at least.</param>
    /// <param name="tolerance">Largest difference as a share of the largest number in a block's result.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    internal static IEnumerable<ModelCheckRow> Run(Mamba2Decoder decoder, ReadOnlyMemory<int> tokens, double tolerance, CancellationToken cancellation)
    {
        Mamba2Config config = decoder.Config;
        (string Name, Func<DecoderLayer, Tensor, float[]> Run)[] ways =
        [
            ("step by step = chunked", (layer, x) => Steps(layer, x, config)),
            ("sequential (chunks of one token) = chunked", (layer, x) => layer.With(config with { ChunkSize = 1 }).Forward(x, context: default).ToArray()),
            ("two pieces with the state carried over = at once", (layer, x) => Pieces(layer, x, config)),
            ("padded in front = unpadded", (layer, x) => Padded(layer, x, config)),
        ];
        double[] typical = new double[ways.Length];
        Tensor residual = decoder.Embed(tokens.Span, 1, tokens.Length);
        foreach (DecoderLayer layer in decoder.Layers)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor expected = layer.Forward(residual, context: default);
            for (int way = 0; way < ways.Length; way++)
                typical[way] = Math.Max(typical[way], Typical(PerToken(ways[way].Run(layer, residual), expected)));
            residual = expected;
        }

        for (int way = 0; way < ways.Length; way++)
            yield return new ModelCheckRow(ways[way].Name + ", block by block, 9 of 10 tokens", typical[way], LargestLogit: 1, tolerance);
    }

    /// <summary>What nine of ten tokens do not exceed.</summary>
    private static double Typical(IEnumerable<double> differences)
    {
        double[] sorted = [.. differences.Order()];
        return sorted[(int)(Share * (sorted.Length - 1))];
    }

    /// <summary>The largest difference of each token, as a share of the largest number of all.</summary>
    private static IEnumerable<double> PerToken(float[] actual, Tensor expected)
    {
        float[] wanted = expected.ToArray();
        double largest = Math.Max(wanted.Max(MathF.Abs), 1e-30);
        for (int first = 0; first < wanted.Length; first += expected.Columns)
        {
            double difference = 0;
            for (int i = first; i < first + expected.Columns; i++)
            {
                // Not-a-number is the largest difference there is.
                double apart = Math.Abs((double)actual[i] - wanted[i]) / largest;
                difference = double.IsNaN(apart) ? double.PositiveInfinity : Math.Max(difference, apart);
            }

            yield return difference;
        }
    }

    private static float[] Steps(DecoderLayer layer, Tensor x, Mamba2Config config)
    {
        Mamba2State state = new(config with { LayerCount = 1 });
        DecodeBuffers buffers = new(config);
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
