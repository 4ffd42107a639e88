using System.Text.RegularExpressions;

namespace SpikeEngine.Model.Text;

/// <summary>Tokens matched as whole strings before anything else is done, such as <c>&lt;|endoftext|&gt;</c>.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, int> _ids;
    private readonly Regex? _pattern;

    public AddedTokens(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        _ids = new Dictionary<string, int>(tokens, StringComparer.Ordinal);

        // The longest first: where several match at one place, the longest wins.
        IEnumerable<string> literals = _ids.Keys.OrderByDescending(t => t.Length).ThenBy(t => t, StringComparer.Ordinal);
        if (_ids.Count > 0)
            _pattern = new Regex(string.Join('|', literals.Select(Regex.Escape)), RegexOptions.CultureInvariant);
    }

    public delegate void PlainText(ReadOnlySpan<char> text, List<int> ids);

    /// <summary>Adds the ids of the added tokens found in the text, and hands what lies between to <paramref name="plain"/>.</summary>
    public void Cut(ReadOnlySpan<char> text, List<int> ids, PlainText plain)
    {
        int done = 0;
        if (_pattern is not null)
        {
            foreach (ValueMatch match in _pattern.EnumerateMatches(text))
            {
                if (match.Index > done)
                    plain(text[done..match.Index], ids);
                done = match.Index + match.Length;
                ids.Add(_ids.GetAlternateLookup<ReadOnlySpan<char>>()[text[match.Index..done]]);
            }
        }

        if (done < text.Length)
            plain(text[done..], ids);
    }
}
