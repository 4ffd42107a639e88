using SpikeEngine.Model.Text;

namespace SpikeEngine.Training.Tokenization;

/// <summary>
/// Learns a byte-level BPE vocabulary: starting from the 256 bytes, the most frequent pair of neighbours inside words becomes
/// a token, again and again (Sennrich et al. 2016, with the bytes and words of GPT-2).
/// </summary>
/// <remarks>
/// Words are counted once, so the work depends on the distinct words and not on the length of the text. After a merge only
/// the words that hold the pair are counted anew. Of equally frequent pairs the one with the lowest ids wins, so the same
/// lines give the same vocabulary.
/// </remarks>
public static class BytePairTrainer
{
    /// <summary>The usual size of a vocabulary.</summary>
    public const int DefaultVocabSize = 2048;

    /// <summary>The end-of-text token and the 256 bytes: no vocabulary is smaller.</summary>
    public const int MinimumVocabSize = 257;

    /// <summary>Learns from lines.</summary>
    /// <param name="lines">The text to learn from.</param>
    /// <param name="vocabSize">The size to reach. It is less when no pair is left that occurs twice.</param>
    /// <param name="cancellation">Stops between two lines, or two merges.</param>
    public static BytePairVocabulary Train(
        IEnumerable<string> lines, int vocabSize = DefaultVocabSize, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabSize, MinimumVocabSize);

        var vocabulary = new BytePairVocabulary();
        var pairs = new PairCounts(CountWords(lines, cancellation).Select(w => (BytePairVocabulary.IdsOfBytes(w.Key), w.Value)));
        while (vocabulary.Tokens.Count < vocabSize && pairs.TryTakeMostFrequent(out (int Left, int Right) pair))
        {
            cancellation.ThrowIfCancellationRequested();
            pairs.Merge(pair, vocabulary.AddMerge(pair.Left, pair.Right));
        }

        return vocabulary;
    }

    /// <summary>The distinct words in the order they are first met.</summary>
    private static Dictionary<string, int> CountWords(IEnumerable<string> lines, CancellationToken cancellation)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string line in lines)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<char> rest = line;
            while (!rest.IsEmpty)
            {
                int length = Gpt2Words.NextLength(rest);
                bySpan.TryGetValue(rest[..length], out int count);
                bySpan[rest[..length]] = count + 1;
                rest = rest[length..];
            }
        }

        return counts;
    }
}
