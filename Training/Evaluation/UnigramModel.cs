namespace SpikeEngine.Training.Evaluation;

/// <summary>Token frequencies, with one added to every count: what a model knows that ignores the context.</summary>
public static class UnigramModel
{
    /// <summary>Perplexity on <paramref name="validation"/> of the frequencies in <paramref name="training"/>.</summary>
    /// <param name="training">Tokens to count.</param>
    /// <param name="validation">Tokens to predict; the first is skipped, as for a language model.</param>
    /// <param name="vocabSize">Number of different tokens.</param>
    public static double Perplexity(ReadOnlySpan<int> training, ReadOnlySpan<int> validation, int vocabSize)
    {
        long[] counts = new long[vocabSize];
        foreach (int token in training)
            counts[token]++;

        double total = training.Length + vocabSize, nats = 0;
        foreach (int token in validation[1..])
            nats -= Math.Log((counts[token] + 1) / total);
        return Math.Exp(nats / (validation.Length - 1));
    }
}
