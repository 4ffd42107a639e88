using System.Text;

namespace SpikeEngine.Model.Text;

/// <summary>What to generate, and when to stop.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate; the end of the text may come earlier.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>How to choose them.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>The text ends before the first of these strings. Which tokens it is made of does not matter.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>The text ends before the first of these tokens, besides the tokenizer's end of text.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>
    /// How many of the most likely tokens to report at each place, besides the log-probability of the token chosen;
    /// <see langword="null"/> for neither.
    /// </summary>
    public int? LogProbabilities { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        if (MaxTokens < 0)
            throw new ArgumentException($"{nameof(MaxTokens)} is {MaxTokens}; it must be 0 or positive.");
        if (Sampling is null)
            throw new ArgumentException($"{nameof(Sampling)} is null.");
        Sampling.Validate();
        if (StopStrings is null)
            throw new ArgumentException($"{nameof(StopStrings)} is null.");
        for (int i = 0; i < StopStrings.Count; i++)
        {
            if (string.IsNullOrEmpty(StopStrings[i]))
                throw new ArgumentException($"{nameof(StopStrings)}[{i}] is empty.");
            if (!IsWellFormed(StopStrings[i]))
                throw new ArgumentException($"{nameof(StopStrings)}[{i}] has half a surrogate pair, which no text has.");
        }

        if (StopTokens is null)
            throw new ArgumentException($"{nameof(StopTokens)} is null.");
        for (int i = 0; i < StopTokens.Count; i++)
        {
            if (StopTokens[i] < 0)
                throw new ArgumentException($"{nameof(StopTokens)}[{i}] is {StopTokens[i]}; it must be 0 or positive.");
        }

        if (LogProbabilities < 0)
            throw new ArgumentException($"{nameof(LogProbabilities)} is {LogProbabilities}; it must be 0 or positive.");
    }

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune))
                return false;
            i += rune.Utf16SequenceLength;
        }

        return true;
    }
}
