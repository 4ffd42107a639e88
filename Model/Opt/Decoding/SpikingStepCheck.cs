using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>
/// The parts of a spiking transformer, token by token against whole texts, each from the same input: where sums come out otherwise in their last bit a neuron at its
/// threshold may spike otherwise, and from there on two right computations go apart. Such tokens are counted and must be few in each block; all others must agree. The embedding in
/// front of the blocks and the readout behind them have no neurons, and no token may differ there.
/// </summary>
internal static class SpikingStepCheck
{
    private const double MostApart = 0.05;   // of the tokens of a block: a fault makes it most of them

    /// <summary>Compares.</summary>
    /// <param name="whole">The model that gets the text at once.</param>
    /// <param name="decoder">The model that gets it in parts: the same one, unless a fault is to be found.</param>
    /// <param name="tokens">A text.</param>
    /// <param name="tolerance">Largest difference of sums that may be added in another order, as a share of the largest number.</param>
    /// <param name="productTolerance">The same of products of matrices with one vector of floats.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    internal static IEnumerable<ModelCheckRow> Run(
        OptDecoder whole, OptDecoder decoder, ReadOnlyMemory<int> tokens, double tolerance, double productTolerance, CancellationToken cancellation)
    {
        (string Name, Func<OptDecoderLayer, Tensor, float[]> Run)[] ways =
        [
            ("step by step = at once", (layer, x) => Steps(decoder, layer, x)),
            ("two pieces with the state carried over = at once", (layer, x) => Pieces(decoder, layer, x)),
        ];
        double[] largest = new double[ways.Length];
        long[] apart = new long[ways.Length];
        double few = Math.Max(1, MostApart * tokens.Length);
        Tensor x = whole.Embed(tokens.Span, 1, tokens.Length, position: 0);
        yield return Row("embedding, token by token = at once", Embeddings(decoder, tokens.Span), x, productTolerance);
        for (int number = 0; number < whole.Layers.Count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor expected = whole.Layers[number].Forward(x, whole.NewState(), spikes: null);
            for (int way = 0; way < ways.Length; way++)
            {
                (double difference, int ofBlock) = Compare(ways[way].Run(decoder.Layers[number], x), expected, tolerance);
                largest[way] = Math.Max(largest[way], ofBlock <= few ? difference : double.PositiveInfinity);
                apart[way] += ofBlock;
            }

            x = expected;
        }

        for (int way = 0; way < ways.Length; way++)
            yield return new ModelCheckRow(ways[way].Name + ", block by block", largest[way], LargestLogit: 1, tolerance) { TokensWithOtherSpikes = apart[way] };

        yield return Row("norm and head, token by token = at once", Readouts(decoder, x), whole.Logits(whole.Readout(x), lastOnly: false), productTolerance);
    }

    private static ModelCheckRow Row(string name, float[] actual, Tensor expected, double tolerance) =>
        new(name, ModelCheck.LargestDifference(actual, expected.Values), LargestOf(expected), tolerance);

    private static double LargestOf(Tensor x) => Math.Abs(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude<float>(x.Values));

    /// <summary>The largest difference of tokens that agree, and how many do not; what is not finite agrees with nothing.</summary>
    private static (double Largest, int Apart) Compare(float[] actual, Tensor expected, double tolerance)
    {
        (int steps, int tokens, int width) = (expected.Shape[0], expected.Shape[2], expected.Columns);
        double scale = Math.Max(1e-30, LargestOf(expected)), largest = 0;
        int apart = 0;
        for (int token = 0; token < tokens; token++)
        {
            double difference = 0;
            for (int step = 0; step < steps; step++)
            {
                int at = (step * tokens + token) * width;
                difference = Math.Max(difference, ModelCheck.LargestDifference(actual.AsSpan(at, width), expected.Values.Slice(at, width)) / scale);
            }

            if (difference > tolerance && double.IsFinite(difference))
                apart++;
            else
                largest = Math.Max(largest, difference);
        }

        return (largest, apart);
    }

    private static float[] Embeddings(OptDecoder decoder, ReadOnlySpan<int> tokens)
    {
        OptBuffers buffers = decoder.NewBuffers();
        float[] y = new float[buffers.Stream.Length * tokens.Length];
        for (int token = 0; token < tokens.Length; token++)
        {
            decoder.EmbedOne(tokens[token], token, buffers);
            Take(buffers, token, tokens.Length, y);
        }

        return y;
    }

    private static float[] Steps(OptDecoder decoder, OptDecoderLayer layer, Tensor x)
    {
        OptBuffers buffers = decoder.NewBuffers();
        OptState state = decoder.NewState();
        float[] y = new float[x.Count];
        for (int token = 0; token < x.Shape[2]; token++)
        {
            Give(x, token, buffers);
            layer.Step(buffers, state);
            Take(buffers, token, x.Shape[2], y);
            state.Advance(1);
        }

        return y;
    }

    private static float[] Readouts(OptDecoder decoder, Tensor x)
    {
        OptBuffers buffers = decoder.NewBuffers();
        List<float> logits = [];
        for (int token = 0; token < x.Shape[2]; token++)
        {
            Give(x, token, buffers);
            decoder.ReadoutOne(buffers);
            decoder.Head(buffers);
            logits.AddRange(buffers.Logits.Span);
        }

        return [.. logits];
    }

    /// <summary>The steps of one token, out of those of all, into the stream.</summary>
    private static void Give(Tensor x, int token, OptBuffers buffers)
    {
        (int tokens, int width) = (x.Shape[2], x.Columns);
        for (int step = 0; step < buffers.Steps; step++)
            x.Values.Slice((step * tokens + token) * width, width).CopyTo(buffers.Stream.Span[(step * width)..]);
    }

    /// <summary>The steps of one token, out of the stream, into those of all.</summary>
    private static void Take(OptBuffers buffers, int token, int tokens, Span<float> y)
    {
        int width = buffers.Stream.Length / buffers.Steps;
        for (int step = 0; step < buffers.Steps; step++)
            buffers.Stream.Span.Slice(step * width, width).CopyTo(y[((step * tokens + token) * width)..]);
    }

    private static float[] Pieces(OptDecoder decoder, OptDecoderLayer layer, Tensor x)
    {
        int cut = x.Shape[2] / 3;
        OptState state = decoder.NewState();
        Tensor first = layer.Forward(Ops.Slice(x, axis: 2, 0, cut), state, spikes: null);
        state.Advance(cut);
        return Ops.Concat([first, layer.Forward(Ops.Slice(x, axis: 2, cut, x.Shape[2]), state, spikes: null)], axis: 2).ToArray();
    }
}
