namespace SpikeEngine.Model.Text;

/// <summary>Ids of words that were met before, as most of a text are; for one thread at a time.</summary>
/// <param name="encode">The ids of a word.</param>
internal sealed class WordCache(Func<string, IReadOnlyList<int>> encode)
{
    private const int MostWords = 1 << 16;
    private const int LongestWord = 64;

    private readonly Dictionary<string, int[]> _ids = new(StringComparer.Ordinal);

    /// <summary>Appends the ids of <paramref name="word"/>.</summary>
    public void Append(ReadOnlySpan<char> word, List<int> ids)
    {
        if (_ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(word, out int[]? known))
        {
            ids.AddRange(known);
            return;
        }

        string text = word.ToString();
        int[] found = [.. encode(text)];
        ids.AddRange(found);
        if (word.Length > LongestWord)
            return;
        if (_ids.Count == MostWords)
            _ids.Clear();
        _ids.Add(text, found);
    }
}
