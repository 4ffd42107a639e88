namespace SpikeEngine.Training.Data;

/// <summary>What follows from the ids of any stream.</summary>
public static class TokenStreams
{
    private const int Block = 512;

    /// <summary>
    /// Marks the ids that begin a document: the first of the stream, and each after an end-of-text id. They follow from the ids, so that
    /// nothing else has to be kept that could disagree with them.
    /// </summary>
    /// <param name="tokens">The stream.</param>
    /// <param name="start">The first id to look at.</param>
    /// <param name="begins">One mark for each id from there on; filled.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them lie within the stream.</exception>
    public static void MarkStarts(this ITokenStream tokens, long start, Span<bool> begins)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        RequireRange(tokens, start, begins.Length);
        if (begins.IsEmpty)
            return;

        begins[0] = start == 0;
        int done = start == 0 ? 1 : 0;
        Span<int> before = stackalloc int[Block];
        while (done < begins.Length && tokens.EndOfTextId is int end)
        {
            Span<int> ids = before[..Math.Min(Block, begins.Length - done)];
            tokens.Read(start + done - 1, ids);
            foreach (int id in ids)
                begins[done++] = id == end;
        }

        begins[done..].Clear();
    }

    /// <summary>The first id from <paramref name="start"/> on that begins a document; <see cref="ITokenStream.Count"/> when none does.</summary>
    /// <param name="tokens">The stream.</param>
    /// <param name="start">Where to begin to look.</param>
    public static long NextStart(this ITokenStream tokens, long start)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        Span<bool> begins = stackalloc bool[Block];
        for (long at = start; at < tokens.Count; at += Block)
        {
            Span<bool> some = begins[..(int)Math.Min(Block, tokens.Count - at)];
            tokens.MarkStarts(at, some);
            if (some.IndexOf(true) is int found and >= 0)
                return at + found;
        }

        return tokens.Count;
    }

    /// <summary>Throws unless <paramref name="length"/> ids from <paramref name="start"/> on lie within the stream.</summary>
    internal static void RequireRange(ITokenStream tokens, long start, int length)
    {
        if (start < 0 || start > tokens.Count - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(start), $"Tokens {start}..{start + length} are not within the {tokens.Count} of the stream.");
        }
    }
}
