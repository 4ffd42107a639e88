namespace SpikeEngine.Training.Evaluation;

/// <summary>
/// A long text as windows that predict each of its tokens once. The first one begins with a token in front of the text; the others have
/// one token of context, and the last one, which predicts fewer, as much as a window holds.
/// </summary>
internal static class RollingWindows
{
    /// <summary>The windows.</summary>
    /// <param name="ids">The text.</param>
    /// <param name="prefix">The token in front of it.</param>
    /// <param name="window">Inputs of a window.</param>
    public static IEnumerable<Continuation> Of(ReadOnlyMemory<int> ids, int prefix, int window)
    {
        for (int start = 0; start < ids.Length; start += window)
        {
            int end = Math.Min(start + window, ids.Length);
            int[] context = start == 0 ? [prefix] : ids[Math.Max(0, end - window - 1)..start].ToArray();
            yield return new Continuation(context, ids[start..end].ToArray());
        }
    }

    /// <summary>Whole blocks, of which each but the first token is predicted from the block alone; a shorter text is one block.</summary>
    public static IEnumerable<Continuation> Blocks(ReadOnlyMemory<int> ids, int block)
    {
        int length = Math.Min(block, ids.Length);
        for (int start = 0; length > 1 && start + length <= ids.Length; start += length)
            yield return new Continuation([ids.Span[start]], ids.Slice(start + 1, length - 1).ToArray());
    }
}
