namespace SpikeEngine.Training.Evaluation;

/// <summary>Finds sentences for the cloze test.</summary>
internal static class ClozeLines
{
    private static readonly string[] s_ends = [". ", "! ", "? "];

    /// <summary>Items from whole lines; from their sentences when the lines, as paragraphs of a book, give too few.</summary>
    /// <exception cref="InvalidDataException">The text has too few sentences.</exception>
    public static IReadOnlyList<ClozeItem> MakeItems(IReadOnlyList<string> lines, int count, ulong seed)
    {
        IReadOnlyList<ClozeItem> items = TryMake(lines, count, seed, out _);
        if (items.Count == count)
            return items;
        IReadOnlyList<ClozeItem> finer = TryMake([.. lines.SelectMany(Sentences).Distinct()], count, seed, out string? problem);
        items = finer.Count > items.Count ? finer : items;
        return items.Count > 1
            ? items
            : throw new InvalidDataException($"The text is too short or too regular to hold out sentences for the evaluation. {problem}");
    }

    private static IReadOnlyList<ClozeItem> TryMake(IReadOnlyList<string> lines, int count, ulong seed, out string? problem)
    {
        try
        {
            problem = null;
            return Cloze.MakeItems(lines, count, seed);
        }
        catch (ArgumentException error)
        {
            problem = error.Message;
            return [];
        }
    }

    private static IEnumerable<string> Sentences(string line)
    {
        int start = 0;
        for (int i = 0; i + 1 < line.Length; i++)
        {
            if (!s_ends.Any(end => line.AsSpan(i).StartsWith(end, StringComparison.Ordinal)))
                continue;
            yield return line[start..(i + 1)];
            start = i + 2;
        }

        yield return line[start..];
    }
}
