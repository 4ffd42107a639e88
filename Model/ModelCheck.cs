using SpikeEngine.Model.Opt;

namespace SpikeEngine.Model;

/// <summary>One way to compute, compared with another that must give the same.</summary>
/// <param name="Name">What was compared.</param>
/// <param name="LargestDifference">Between two logits; of a model with neurons the largest share of any block.</param>
/// <param name="LargestLogit">The largest magnitude, which the difference is to be seen beside; 1 where that is a share already.</param>
/// <param name="Tolerance">Largest difference as a share of the largest logit that rounding explains; 0 where the bits must be equal.</param>
public sealed record ModelCheckRow(string Name, double LargestDifference, double LargestLogit, double Tolerance)
{
    /// <summary>
    /// Of a model with neurons, block by block: tokens of all blocks of which a number lay so near to a threshold that rounding made it another
    /// spike. Their results are left out; of a Mamba2, what comes before the neuron is not.
    /// </summary>
    public long? TokensWithOtherSpikes { get; init; }

    /// <summary>Difference over logit.</summary>
    public double Relative => LargestDifference / Math.Max(LargestLogit, 1e-30);

    /// <summary>Whether the two agree.</summary>
    public bool Passes => Relative <= Tolerance;
}

/// <summary>
/// Proves on the machine at hand that a model gives the same text however it is run: token by token, in chunks, token by token through the
/// chunked code, in pieces, behind padding, and with any number of threads. A model with neurons is compared block by block, each block from the
/// same input: an input at a threshold may round to either spike, and in a deep model everything after it differs, which no tolerance explains.
/// </summary>
public static class ModelCheck
{
    private const double Rounding = 1e-3;         // of sums in another order, through all layers
    private const double RoundedVectors = 1e-2;   // bytes meet one vector in 16 bits, many vectors in single precision

    /// <summary>Compares; row by row, as they are done.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokens">A text, of three tokens at least.</param>
    /// <param name="threads">Threads for "many".</param>
    /// <param name="cancellation">Stops between two comparisons.</param>
    /// <exception cref="ArgumentException">There are fewer than three tokens, or one is outside the vocabulary.</exception>
    public static IEnumerable<ModelCheckRow> Run(
        LanguageDecoder decoder, ReadOnlyMemory<int> tokens, int threads, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens.Length, 3, nameof(tokens));
        return Compare(decoder, tokens, threads, cancellation);
    }

    private static IEnumerable<ModelCheckRow> Compare(LanguageDecoder decoder, ReadOnlyMemory<int> tokens, int threads, CancellationToken cancellation)
    {
        double tolerance = decoder.WeightType == StorageType.Int8 ? RoundedVectors : Rounding;
        float[] chunked = WithThreads(threads, () => Whole(decoder, tokens));
        float[] steps = WithThreads(threads, () => Steps(decoder, tokens, cancellation));
        if (decoder is Mamba2Decoder { Config.IsSpiking: true } spiking)
        {
            foreach (ModelCheckRow row in SpikingBlockCheck.Run(spiking, tokens, Rounding, cancellation))
                yield return row;
        }
        else if (decoder is OptDecoder { Config.IsSpiking: true } transformer)
        {
            foreach (ModelCheckRow row in SpikingStepCheck.Run(transformer, transformer, tokens, Rounding, tolerance, cancellation))
                yield return row;
        }
        else
        {
            yield return Row("step by step = chunked", steps, chunked, tolerance);
            cancellation.ThrowIfCancellationRequested();
            yield return Row("two pieces with the state carried over = at once", Pieces(decoder, tokens), chunked, tolerance);
            if (decoder is Mamba2Decoder mamba2)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return Row("sequential (chunks of one token) = chunked", Whole(mamba2.WithChunkSize(1), tokens), chunked, tolerance);
                cancellation.ThrowIfCancellationRequested();
                yield return Row("padded in front = unpadded", Padded(mamba2, tokens), chunked, tolerance);
            }
        }

        cancellation.ThrowIfCancellationRequested();
        yield return Row($"chunked, 1 thread = {threads}", WithThreads(1, () => Whole(decoder, tokens)), chunked, tolerance: 0);
        cancellation.ThrowIfCancellationRequested();
        yield return Row($"step by step, 1 thread = {threads}", WithThreads(1, () => Steps(decoder, tokens, cancellation)), steps, tolerance: 0);
    }

    private static float[] Whole(LanguageDecoder decoder, ReadOnlyMemory<int> tokens) => decoder.Forward(tokens, batch: 1).ToArray();

    private static float[] Steps(LanguageDecoder decoder, ReadOnlyMemory<int> tokens, CancellationToken cancellation)
    {
        DecoderSession session = decoder.NewSession();
        float[] logits = new float[tokens.Length * decoder.Config.VocabSize];
        for (int i = 0; i < tokens.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            session.Step(tokens.Span[i]).CopyTo(logits.AsSpan(i * decoder.Config.VocabSize));
        }

        return logits;
    }

    private static float[] Pieces(LanguageDecoder decoder, ReadOnlyMemory<int> tokens)
    {
        int cut = tokens.Length / 3;
        DecoderState state = decoder.NewState();
        return [.. decoder.Forward(tokens[..cut], 1, state).Values, .. decoder.Forward(tokens[cut..], 1, state).Values];
    }

    private static float[] Padded(Mamba2Decoder decoder, ReadOnlyMemory<int> tokens)
    {
        int padding = decoder.Config.DConv + 1;
        int[] ids = [.. new int[padding], .. tokens.Span];
        return decoder.Forward(ids, batch: 1, padding: [padding]).Values[(padding * decoder.Config.VocabSize)..].ToArray();
    }

    private static T WithThreads<T>(int threads, Func<T> run)
    {
        int before = RowParallel.Threads;
        RowParallel.Threads = threads;
        try
        {
            return run();
        }
        finally
        {
            RowParallel.Threads = before;
        }
    }

    private static ModelCheckRow Row(string name, float[] actual, float[] expected, double tolerance)
    {
        double largest = 0;
        foreach (float logit in expected)
            largest = Math.Max(largest, Math.Abs(logit));
        return new ModelCheckRow(name, LargestDifference(actual, expected), largest, tolerance);
    }

    /// <summary>The largest difference between numbers at the same place; not-a-number is the largest there is.</summary>
    internal static double LargestDifference(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        double difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double apart = Math.Abs((double)actual[i] - expected[i]);
            difference = double.IsNaN(apart) ? double.PositiveInfinity : Math.Max(difference, apart);
        }

        return difference;
    }
}
