using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Model.Text;

/// <summary>
/// Writes one text together with its caller: each call appends a prompt and streams what the model says to all of the text so
/// far. <see cref="Reset"/> begins another text. Several generators can share a decoder and a tokenizer.
/// </summary>
public sealed class TextGenerator
{
    private readonly DecoderSession _session;
    private readonly Tokenizer _tokenizer;
    private readonly int _mostTokens;
    private readonly List<int> _text = [];
    private int _read;    // tokens of the text that the session has seen
    private int _busy;

    /// <summary>A generator with an empty text.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <exception cref="InvalidDataException">The tokenizer has more tokens than the model.</exception>
    public TextGenerator(LanguageDecoder decoder, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(tokenizer);
        int rows = decoder.Config.VocabSize;
        if (tokenizer.VocabSize > rows)
            throw new InvalidDataException($"The tokenizer has {tokenizer.VocabSize} tokens, the model {rows}: they do not belong together.");
        _session = decoder.NewSession();
        _tokenizer = tokenizer;
        _mostTokens = decoder.Config.MaxLength ?? int.MaxValue;
    }

    /// <summary>Of the last generation, finished or not.</summary>
    public GenerationStatistics Statistics { get; private set; } = new();

    /// <summary>Forgets the text.</summary>
    /// <exception cref="InvalidOperationException">A generation is running.</exception>
    public void Reset()
    {
        Occupy();
        _session.Clear();
        _text.Clear();
        _read = 0;
        Release();
    }

    /// <summary>
    /// Appends a prompt and streams what follows, in pieces of whole characters. The work is done on another thread, a token
    /// at a time and only when it is asked for, so that a caller that stops listening stops the work.
    /// </summary>
    /// <param name="prompt">What to continue; when empty, the text so far, or a new one.</param>
    /// <param name="options">How, and how far.</param>
    /// <param name="cancellation">Stops between two tokens, or between two parts of a long prompt. The text so far is kept.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or there is nothing to continue and the tokenizer has no
    /// end-of-text token to begin from.</exception>
    /// <exception cref="InvalidOperationException">Another generation is running.</exception>
    public IAsyncEnumerable<string> StreamAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default) =>
        TextsOf(StreamPiecesAsync(prompt, options, cancellation), cancellation);

    /// <summary>As <see cref="StreamAsync"/>, with the tokens and, if asked for, their log-probabilities.</summary>
    /// <inheritdoc cref="StreamAsync"/>
    public IAsyncEnumerable<GeneratedPiece> StreamPiecesAsync(
        string prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new GenerationOptions();
        options.Validate();
        return OnAnotherThread(prompt, options, cancellation);
    }

    private static async IAsyncEnumerable<string> TextsOf(
        IAsyncEnumerable<GeneratedPiece> pieces, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (GeneratedPiece piece in pieces.WithCancellation(cancellation).ConfigureAwait(false))
        {
            if (piece.Text.Length > 0)
                yield return piece.Text;
        }
    }

    private async IAsyncEnumerable<GeneratedPiece> OnAnotherThread(
        string prompt, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Occupy();
        try
        {
            using IEnumerator<GeneratedPiece> run = Run(prompt, options, cancellation).GetEnumerator();

            // The run looks at the cancellation itself, and notes it.
            while (await Task.Run(run.MoveNext, CancellationToken.None).ConfigureAwait(false))
                yield return run.Current;
        }
        finally
        {
            Release();
        }
    }

    private IEnumerable<GeneratedPiece> Run(string prompt, GenerationOptions options, CancellationToken cancellation)
    {
        GenerationStatistics statistics = Statistics = new GenerationStatistics();
        Append(prompt);
        long start = Stopwatch.GetTimestamp();
        statistics.PromptTokens = _text.Count - _read;
        Read(statistics, cancellation);
        Sampler sampler = new(options.Sampling);
        foreach (int token in _text)
            sampler.Observe(token);
        statistics.PrefillTime = Stopwatch.GetElapsedTime(start);

        StreamingDecoder characters = new(_tokenizer, skipSpecialTokens: true);
        StopStrings stops = new(options.StopStrings);
        List<GeneratedToken> tokens = [];
        while (statistics.FinishReason is null)
        {
            string text;
            if (Choose(sampler, options, statistics, cancellation) is { } token)
            {
                tokens.Add(token);
                text = stops.Append(characters.Append(token.Id));
            }
            else
            {
                text = stops.Append(characters.Flush()) + stops.Flush();
            }

            if (stops.Found)
                statistics.FinishReason = FinishReason.StopString;
            if (text.Length > 0 || (statistics.FinishReason is not null && tokens.Count > 0))
            {
                yield return new GeneratedPiece(text, tokens);
                tokens = [];
            }
        }
    }

    private void Append(string prompt)
    {
        _text.AddRange(_tokenizer.Encode(prompt));
        if (_text.Count == 0)
        {
            _text.Add(_tokenizer.EndOfTextId
                ?? throw new ArgumentException("The prompt is empty, and the tokenizer has no end-of-text token to start from.", nameof(prompt)));
        }
    }

    /// <summary>Shows the session what it has not seen yet: all of it, or nothing when it is stopped in between.</summary>
    private void Read(GenerationStatistics statistics, CancellationToken cancellation)
    {
        int count = _text.Count - _read;
        try
        {
            cancellation.ThrowIfCancellationRequested();
            if (count == 1)
                _session.Step(_text[_read]);
            else if (count > 1)
                _session.Prefill(_text.Slice(_read, count).ToArray(), cancellation);
        }
        catch (OperationCanceledException)
        {
            statistics.FinishReason = FinishReason.Cancelled;
            throw;
        }

        _read = _text.Count;
    }

    /// <summary>The next token, which is read only when the one after it is asked for; nothing at the end.</summary>
    private GeneratedToken? Choose(Sampler sampler, GenerationOptions options, GenerationStatistics statistics, CancellationToken cancellation)
    {
        if (statistics.Tokens == options.MaxTokens)
        {
            statistics.FinishReason = FinishReason.MaxTokens;
            return null;
        }

        if (_text.Count > _mostTokens)
        {
            // The last token has no position, so nothing can follow it.
            statistics.FinishReason = FinishReason.MaxLength;
            return null;
        }

        long start = Stopwatch.GetTimestamp();
        Read(statistics, cancellation);
        int id = sampler.Next(_session.Logits);
        if (id == _tokenizer.EndOfTextId || options.StopTokens.Contains(id))
        {
            statistics.FinishReason = id == _tokenizer.EndOfTextId ? FinishReason.EndOfText : FinishReason.StopToken;
            return null;
        }

        GeneratedToken token = new(id);
        if (options.LogProbabilities is { } count)
        {
            LogProbabilities probabilities = new(_session.Logits);
            token = token with { LogProbability = probabilities[id], Alternatives = probabilities.Top(count) };
        }

        _text.Add(id);
        sampler.Observe(id);
        if (statistics.Tokens++ == 0)
            statistics.PrefillTime += Stopwatch.GetElapsedTime(start);
        else
            statistics.DecodeTime += Stopwatch.GetElapsedTime(start);
        return token;
    }

    private void Occupy()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("The generator is still writing; finish or dispose that stream first, or use another generator.");
    }

    private void Release() => Volatile.Write(ref _busy, 0);
}
