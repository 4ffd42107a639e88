namespace SpikeEngine.Training.Evaluation;

/// <summary>Cuts work on sequences of different lengths into batches: sorted by length, a batch needs little padding.</summary>
internal static class LengthBatches
{
    /// <summary>The batches, shortest sequences first.</summary>
    /// <param name="items">What has a length, in any order.</param>
    /// <param name="length">Its tokens.</param>
    /// <param name="mostTokens">Most tokens in a batch, padding included; a longer sequence is a batch of its own.</param>
    /// <param name="mostSequences">Most sequences in one.</param>
    public static IEnumerable<T[]> Cut<T>(IReadOnlyList<T> items, Func<T, int> length, int mostTokens, int mostSequences = int.MaxValue)
    {
        T[] ordered = [.. items.OrderBy(length)];
        for (int start = 0; start < ordered.Length;)
        {
            int end = start + 1;
            while (end < ordered.Length && end - start < mostSequences && (long)(end + 1 - start) * length(ordered[end]) <= mostTokens)
                end++;
            yield return ordered[start..end];
            start = end;
        }
    }
}
