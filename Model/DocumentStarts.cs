namespace SpikeEngine.Model;

/// <summary>Where documents begin that are packed into the sequences of a batch one after the other.</summary>
internal static class DocumentStarts
{
    /// <summary>The starts, when they fit the pass.</summary>
    /// <param name="starts">[B * T]: true where a token begins a document; empty for nowhere.</param>
    /// <param name="tokens">B * T</param>
    /// <param name="state">Where the sequences continue from.</param>
    /// <param name="mask">Marks padding, when there is some.</param>
    /// <exception cref="ArgumentException">There is not one for each token, or the pass has a state or padding.</exception>
    internal static ReadOnlyMemory<bool> Require(ReadOnlyMemory<bool> starts, int tokens, DecoderState? state, Tensor? mask)
    {
        if (starts.IsEmpty)
            return starts;
        if (starts.Length != tokens)
            throw new ArgumentException($"There are {starts.Length} starts for {tokens} ids: one for each is needed.", nameof(starts));

        // The window of a state holds the last inputs whatever document they belong to, so a text could not be continued from it.
        if (state is not null)
            throw new ArgumentException("Documents cannot start inside sequences that continue from a state or leave one.", nameof(starts));
        if (mask is not null)
            throw new ArgumentException("Documents cannot start inside sequences that are padded in front.", nameof(starts));
        return starts;
    }
}
