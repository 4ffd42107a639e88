using System.Diagnostics;

namespace SpikeEngine.Model.Text;

/// <summary>Continues a prompt, piece by piece, and measures its own speed. One text at a time.</summary>
/// <param name="decoder">The model.</param>
/// <param name="tokenizer">Its tokenizer.</param>
public sealed class TextGenerator(Mamba2Decoder decoder, Tokenizer tokenizer)
{
    private readonly Mamba2Session _session = decoder.NewSession();

    /// <summary>Tokens of the last prompt.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>Time to read it.</summary>
    public TimeSpan PrefillTime { get; private set; }

    /// <summary>Tokens generated so far.</summary>
    public int Tokens { get; private set; }

    /// <summary>Time to generate them; what the caller does between two pieces does not count.</summary>
    public TimeSpan DecodeTime { get; private set; }

    /// <summary>The text after <paramref name="prompt"/>, in pieces of whole characters, until the end of text or the limit.</summary>
    /// <param name="prompt">What to continue; when empty, a new text begins.</param>
    /// <param name="tokens">Most tokens to generate.</param>
    /// <param name="sampling">How to choose them.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the prompt is empty and the tokenizer has no end-of-text token.</exception>
    /// <exception cref="InvalidDataException">The tokenizer has more tokens than the model.</exception>
    public IEnumerable<string> Continue(string prompt, int tokens, SamplingOptions sampling, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        Sampler sampler = new(sampling);
        int rows = decoder.Config.VocabSize;
        if (tokenizer.VocabSize > rows)
            throw new InvalidDataException($"The tokenizer has {tokenizer.VocabSize} tokens, the model {rows}: they do not belong together.");
        int[] ids = tokenizer.Encode(prompt);
        if (ids.Length == 0)
        {
            ids = [tokenizer.EndOfTextId
                ?? throw new ArgumentException("The prompt is empty, and the tokenizer has no end-of-text token to start from.", nameof(prompt))];
        }

        return Run(ids, tokens, sampler, cancellation);
    }

    private IEnumerable<string> Run(int[] prompt, int tokens, Sampler sampler, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long start = Stopwatch.GetTimestamp();
        _session.Clear();
        _session.Prefill(prompt);
        (PromptTokens, PrefillTime, Tokens, DecodeTime) = (prompt.Length, Stopwatch.GetElapsedTime(start), 0, TimeSpan.Zero);

        StreamingDecoder text = new(tokenizer, skipSpecialTokens: true);
        while (Tokens < tokens)
        {
            cancellation.ThrowIfCancellationRequested();
            start = Stopwatch.GetTimestamp();
            int token = sampler.Next(_session.Logits);
            if (token == tokenizer.EndOfTextId)
                break;
            _session.Step(token);
            DecodeTime += Stopwatch.GetElapsedTime(start);
            Tokens++;
            if (text.Append(token) is { Length: > 0 } piece)
                yield return piece;
        }

        if (text.Flush() is { Length: > 0 } rest)
            yield return rest;
    }
}
