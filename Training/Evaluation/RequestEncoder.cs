using SpikeEngine.Model.Text;

namespace SpikeEngine.Training.Evaluation;

/// <summary>
/// Requests as tokens, the way of lm-evaluation-harness: the whole text is tokenised once and parted where the context's tokens end; white
/// space at the end of a context belongs to the continuation; what is longer than a window loses its beginning. Nothing is put in front, and an
/// empty context is the token that parts texts.
/// </summary>
internal sealed class RequestEncoder(Tokenizer tokenizer, int maxLength)
{
    private (string Text, int[] Ids) _context = ("", []);   // choices of one question come one after the other

    /// <summary>The request's tokens.</summary>
    /// <exception cref="ArgumentException">The continuation has no token of its own, or is longer than a window.</exception>
    public Continuation Encode(LikelihoodRequest request)
    {
        int end = request.Context.AsSpan().TrimEnd().Length;
        (string context, string continuation) = (request.Context[..end], request.Context[end..] + request.Continuation);
        if (_context.Text != context || _context.Ids.Length == 0)
            _context = (context, context.Length == 0 ? [Prefix] : tokenizer.Encode(context));
        int[] whole = tokenizer.Encode(context + continuation);
        int[] tokens = context.Length == 0 ? whole : whole[Math.Min(_context.Ids.Length, whole.Length)..];
        if (tokens.Length == 0)
            throw new ArgumentException($"The continuation '{continuation}' adds no token to its context.");
        if (tokens.Length > maxLength)
            throw new ArgumentException($"A continuation has {tokens.Length} tokens; a window, which is no longer than the model's positions, has {maxLength}.");
        int kept = Math.Min(_context.Ids.Length, maxLength + 1 - tokens.Length);
        return new Continuation(kept == _context.Ids.Length ? _context.Ids : _context.Ids[^kept..], tokens);
    }

    /// <summary>The token in front of a text.</summary>
    public int Prefix => tokenizer.EndOfTextId
        ?? throw new InvalidDataException($"The tokenizer has no {Tokenizer.EndOfText}, nor {Tokenizer.OptEndOfText}, which would stand in front of a text.");
}
