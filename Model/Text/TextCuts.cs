namespace SpikeEngine.Model.Text;

/// <summary>
/// Places where a text may be parted without changing its ids: in front of an ASCII blank, tab or line end that follows
/// something else than white space.
/// </summary>
/// <remarks>
/// Why that is safe: a word of <see cref="Gpt2Words"/> with anything but white space in it ends there whatever follows, and the words
/// after it do not look back; no ASCII character joins the one before it under NFC. What is left are added tokens with white space
/// inside: a place that could lie within one is not taken.
/// </remarks>
internal sealed class TextCuts
{
    private static readonly char[] s_whiteSpace = [' ', '\t', '\n', '\r'];

    private readonly (string Token, int At)[] _straddling;

    /// <summary>The places for a tokenizer with these added tokens.</summary>
    public TextCuts(IEnumerable<string> addedTokens) =>
        _straddling = [.. from token in addedTokens
                          from at in Enumerable.Range(1, Math.Max(0, token.Length - 1))
                          where IsPlace(token, at)
                          select (token, at)];

    /// <inheritdoc cref="Tokenizer.LastCut"/>
    public int Last(ReadOnlySpan<char> text, int most)
    {
        int end = Math.Min(most, text.Length - 1);
        while (end > 0)
        {
            int at = text[..(end + 1)].LastIndexOfAny(s_whiteSpace);
            if (at <= 0)
                break;
            if (IsPlace(text, at) && !MayBeWithinToken(text, at))
                return at;
            end = at - 1;
        }

        return 0;
    }

    private static bool IsPlace(ReadOnlySpan<char> text, int at) =>
        text[at] is ' ' or '\t' or '\n' or '\r' && !char.IsWhiteSpace(text[at - 1]);

    /// <summary>Whether the text around the place is an added token, or, at the end of the text, could become one.</summary>
    private bool MayBeWithinToken(ReadOnlySpan<char> text, int place)
    {
        foreach ((string token, int at) in _straddling)
        {
            if (at > place)
                continue;
            ReadOnlySpan<char> around = text[(place - at)..];
            if (around.Length >= token.Length ? around.StartsWith(token, StringComparison.Ordinal) : token.AsSpan().StartsWith(around, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
