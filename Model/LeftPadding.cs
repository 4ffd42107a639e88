namespace SpikeEngine.Model;

/// <summary>Padding in front of the shorter sequences of a batch, so that all end together.</summary>
internal static class LeftPadding
{
    /// <summary>[B, T, 1]: 0 at padding, 1 elsewhere; null when nothing is padded.</summary>
    /// <param name="padding">Padding tokens in front of each sequence; empty for none.</param>
    /// <param name="batch">B</param>
    /// <param name="length">T</param>
    /// <param name="state">Where the sequences continue from.</param>
    /// <exception cref="ArgumentException">A count is impossible, or the sequences have begun already.</exception>
    internal static Tensor? Mask(ReadOnlySpan<int> padding, int batch, int length, Mamba2State? state)
    {
        if (!padding.ContainsAnyExcept(0))
            return null;
        if (padding.Length != batch)
            throw new ArgumentException($"There are {padding.Length} counts of padding for {batch} sequences.", nameof(padding));
        if (state is { Position: > 0 })
            throw new ArgumentException($"Padding stands in front of a text, but the state is {state.Position} tokens into its texts.", nameof(padding));

        Tensor mask = new(batch, length, 1);
        mask.Values.Fill(1f);
        for (int sequence = 0; sequence < batch; sequence++)
        {
            int count = padding[sequence];
            if (count < 0 || count >= length)
                throw new ArgumentException($"Sequence {sequence} has {count} padding tokens of {length}; at least one must be text.", nameof(padding));
            mask.Values.Slice(sequence * length, count).Clear();
        }

        return mask;
    }
}
