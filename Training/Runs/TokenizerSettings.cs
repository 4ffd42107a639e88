using SpikeEngine.Training.Settings;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>tokenizer</c>: a file, or a vocabulary to learn from the text.</summary>
public sealed record TokenizerSettings
{
    /// <summary>A <c>tokenizer.json</c>, or a <c>vocab.json</c> with <c>merges.txt</c> beside it; null learns one, or takes that of the model to start from.</summary>
    public string? Path { get; init; }

    /// <summary>Tokens to learn.</summary>
    public int? VocabSize { get; init; } = BytePairTrainer.DefaultVocabSize;

    /// <summary>Characters of text to learn the vocabulary from; a longer text is read up to there.</summary>
    public long MostCharacters { get; init; } = 24_000_000;

    internal static TokenizerSettings Pass(ISettings s, TokenizerSettings d)
    {
        bool given = s.OnlyOne("path", "vocab_size");
        return new TokenizerSettings
        {
            Path = s.TextOrNone("path", given ? null : d.Path),
            VocabSize = (int?)s.WholeOrNone("vocab_size", given ? null : d.VocabSize, BytePairTrainer.MinimumVocabSize, int.MaxValue),
            MostCharacters = s.WholeOrNone("most_characters", d.MostCharacters, 1) ?? long.MaxValue,
        };
    }
}
