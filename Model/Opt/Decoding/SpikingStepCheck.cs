using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>
/// Blocks of a spiking transformer, token by token against whole texts, each from the same input: where sums come out otherwise in their last bit a neuron at its
/// threshold may spike otherwise, and from there on two right computations go apart. Such tokens are counted and must be few; all others must agree.
/// </summary>
internal static class SpikingStepCheck
{
    private const double MostApart = 0.05;   // of all tokens in all blocks: a fault makes it most of them

    /// <summary>Compares.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokens">A text.</param>
    /// <param name="tolerance">Largest difference of sums that may be added in another order.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    internal static IEnumerable<ModelCheckRow> Run(OptDecoder decoder, ReadOnlyMemory<int> tokens, double tolerance, CancellationToken cancellation)
    {
        (string Name, Func<OptDecoderLayer, Tensor, float[]> Run)[] ways =
        [
            ("step by step = at once", (layer, x) => Steps(decoder, layer, x)),
            ("two pieces with the state carried over = at once", (layer, x) => Pieces(decoder, layer, x)),
        ];
        double[] largest = new double[ways.Length];
        long[] apart = new long[ways.Length];
        Tensor x = decoder.Embed(tokens.Span, 1, tokens.Length, position: 0);
        foreach (OptDecoderLayer layer in decoder.Layers)
        {
            cancellation.ThrowIfCancellationRequested();
            Tensor expected = layer.Forward(x, decoder.NewState(), spikes: null);
            for (int way = 0; way < ways.Length; way++)
                Compare(ways[way].Run(layer, x), expected, ref largest[way], ref apart[way], tolerance);
            x = expected;
        }

        for (int way = 0; way < ways.Length; way++)
        {
            bool isFew = apart[way] <= MostApart * tokens.Length * decoder.Config.LayerCount;
            yield return new ModelCheckRow(ways[way].Name + ", block by block", isFew ? largest[way] : double.PositiveInfinity, LargestLogit: 1, tolerance) { TokensWithOtherSpikes = apart[way] };
        }
    }

    private static void Compare(float[] actual, Tensor expected, ref double largest, ref long apart, double tolerance)
    {
        (int steps, int tokens, int width) = (expected.Shape[0], expected.Shape[2], expected.Columns);
        double scale = Math.Max(1e-30, Math.Abs(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude<float>(expected.Values)));
        for (int token = 0; token < tokens; token++)
        {
            double difference = 0;
            for (int step = 0; step < steps; step++)
            {
                int at = (step * tokens + token) * width;
                difference = Math.Max(difference, ModelCheck.LargestDifference(actual.AsSpan(at, width), expected.Values.Slice(at, width)) / scale);
            }

            if (difference > tolerance)
                apart++;
            else
                largest = Math.Max(largest, difference);
        }
    }

    private static float[] Steps(OptDecoder decoder, OptDecoderLayer layer, Tensor x)
    {
        (int steps, int tokens, int width) = (x.Shape[0], x.Shape[2], x.Columns);
        OptBuffers buffers = decoder.NewBuffers();
        OptState state = decoder.NewState();
        float[] y = new float[x.Count];
        for (int token = 0; token < tokens; token++)
        {
            for (int step = 0; step < steps; step++)
                x.Values.Slice((step * tokens + token) * width, width).CopyTo(buffers.Stream.Span[(step * width)..]);
            layer.Step(buffers, state);
            for (int step = 0; step < steps; step++)
                buffers.Stream.Span.Slice(step * width, width).CopyTo(y.AsSpan((step * tokens + token) * width));
            state.Advance(1);
        }

        return y;
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
