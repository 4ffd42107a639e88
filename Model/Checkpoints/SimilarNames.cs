namespace SpikeEngine.Model.Checkpoints;

/// <summary>Finds the names a typing error, or another checkpoint dialect, may have meant.</summary>
internal static class SimilarNames
{
    /// <summary>Beyond this the table of the edit distance costs more than the hint is worth.</summary>
    private const int LongestName = 256;

    public static IEnumerable<string> Of(string wanted, IEnumerable<string> names, int count = 3) => names
        .Where(name => name.Length <= LongestName)
        .Select(name => (Name: name, Distance: EditDistance(wanted, name)))
        .OrderBy(candidate => candidate.Distance)
        .Take(count)
        .Select(candidate => $"'{candidate.Name}'");

    /// <summary>
    /// Levenshtein: the fewest letters to insert, delete or replace. A <c>*</c> of the first, which no name has, stands for any
    /// letters, and costs nothing. Only the current row of the table is kept.
    /// </summary>
    private static int EditDistance(string a, string b)
    {
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0], cost = a[i - 1] == '*' ? 0 : 1;
            row[0] += cost;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : cost);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + cost);
            }
        }
        return row[b.Length];
    }
}
