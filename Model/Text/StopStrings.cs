namespace SpikeEngine.Model.Text;

/// <summary>
/// Passes text on until one of several strings is complete in it. Whatever may be the beginning of one is held back until that is
/// decided, so that how the text is cut into pieces does not matter.
/// </summary>
/// <param name="strings">None is empty.</param>
internal sealed class StopStrings(IReadOnlyList<string> strings)
{
    private string _held = "";

    /// <summary>Whether one of the strings has come. The text ended before it.</summary>
    public bool Found { get; private set; }

    /// <summary>Takes the next piece and returns the text that is decided by it. After the end there is none.</summary>
    public string Append(string piece)
    {
        if (Found || piece.Length == 0)
            return "";
        if (strings.Count == 0)
            return piece;

        string text = _held + piece;
        for (int end = _held.Length + 1; end <= text.Length; end++)
        {
            // The first to be complete ends the text; of several that end here, the longest is the one that began first.
            int stop = LongestEnding(text.AsSpan(0, end));
            if (stop > 0)
            {
                Found = true;
                return Release(text, end - stop);
            }
        }

        int undecided = LongestBeginning(text);
        string decided = text[..^undecided];
        _held = text[^undecided..];
        return decided;
    }

    /// <summary>No more text will come: what was held back was not the beginning of anything.</summary>
    public string Flush() => Release(_held, _held.Length);

    private string Release(string text, int length)
    {
        _held = "";
        return text[..length];
    }

    private int LongestEnding(ReadOnlySpan<char> text)
    {
        int longest = 0;
        foreach (string stop in strings)
        {
            if (stop.Length > longest && text.EndsWith(stop, StringComparison.Ordinal))
                longest = stop.Length;
        }

        return longest;
    }

    /// <summary>Length of the longest end of the text that a stop string begins with.</summary>
    private int LongestBeginning(ReadOnlySpan<char> text)
    {
        int longest = 0;
        foreach (string stop in strings)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (stop.AsSpan().StartsWith(text[^length..], StringComparison.Ordinal))
                    longest = length;
            }
        }

        return longest;
    }
}
