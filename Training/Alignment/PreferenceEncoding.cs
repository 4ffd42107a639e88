using SpikeEngine.Model.Text;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// Turns preference data into tokens. Prompt and completion are tokenised each for itself, so that the boundary between them is one
/// between tokens (as TRL does), and a completion ends with the end of text. What is longer than <see cref="MaxLength"/> is cut:
/// first the prompt from the left, as far as needed and no further than to <see cref="MaxPromptLength"/>, then completions from the
/// right, which then lose their end of text, as they do not end there. Answers to one prompt that are encoded together keep the same
/// prompt.
/// </summary>
public sealed class PreferenceEncoding
{
    private readonly Tokenizer _tokenizer;
    private readonly int _end;

    /// <summary>An encoding by a tokenizer.</summary>
    /// <param name="tokenizer">Has an end of text.</param>
    /// <param name="maxLength">Most tokens of a prompt and a completion together, end of text included; 2 or more.</param>
    /// <param name="maxPromptLength">What a prompt keeps in any case; half of it all when null.</param>
    /// <exception cref="ArgumentException">A length is out of its range, or the tokenizer has no end of text.</exception>
    public PreferenceEncoding(Tokenizer tokenizer, int maxLength = 1024, int? maxPromptLength = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _end = tokenizer.EndOfTextId
            ?? throw new ArgumentException($"The tokenizer has no {Tokenizer.EndOfText} token, nor {Tokenizer.OptEndOfText}, to end completions with.", nameof(tokenizer));
        MaxLength = maxLength >= 2 ? maxLength : throw new ArgumentException($"MaxLength is {maxLength}; it must be 2 or more.");
        MaxPromptLength = maxPromptLength ?? maxLength / 2;
        if (MaxPromptLength < 1 || MaxPromptLength >= maxLength)
            throw new ArgumentException($"MaxPromptLength is {MaxPromptLength}; it must be in [1, {maxLength - 1}], below MaxLength.");
    }

    /// <summary>Most tokens of a prompt and a completion together.</summary>
    public int MaxLength { get; }

    /// <summary>Tokens that a prompt keeps when it is cut.</summary>
    public int MaxPromptLength { get; }

    /// <summary>Answers to one prompt.</summary>
    /// <param name="prompt">Not empty.</param>
    /// <param name="completions">One or more.</param>
    /// <returns>As many continuations, of one context.</returns>
    public Continuation[] Encode(string prompt, params ReadOnlySpan<string> completions)
    {
        ArgumentException.ThrowIfNullOrEmpty(prompt);
        int[][] tokens = new int[completions.Length][];
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = [.. _tokenizer.Encode(completions[i]), _end];
        int[] context = _tokenizer.Encode(prompt);
        int kept = Math.Max(MaxLength - tokens.Max(t => t.Length), MaxPromptLength);
        return [.. tokens.Select(t => Join(context.Length > kept ? context[^kept..] : context, t))];
    }

    private Continuation Join(int[] context, int[] tokens) =>
        new(context, context.Length + tokens.Length > MaxLength ? tokens[..(MaxLength - context.Length)] : tokens);
}
