namespace SpikeEngine.Model;

/// <summary>What a model remembers of a batch of texts between two tokens.</summary>
public abstract class DecoderState
{
    private protected DecoderState(int batch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        Batch = batch;
    }

    /// <summary>Number of sequences.</summary>
    public int Batch { get; }

    /// <summary>Tokens seen since the beginning.</summary>
    public long Position { get; private protected set; }

    /// <summary>Bytes that it takes.</summary>
    public abstract long Bytes { get; }

    /// <summary>Back to the beginning.</summary>
    public abstract void Clear();

    /// <summary>A state of its own with the same content.</summary>
    public abstract DecoderState Copy();

    /// <summary>Takes over the content of another state of the same sizes.</summary>
    /// <exception cref="ArgumentException">It has other sizes.</exception>
    public abstract void CopyFrom(DecoderState other);

    /// <summary>A state of some of the sequences, each as often as it is named.</summary>
    /// <param name="sequences">Their numbers.</param>
    /// <exception cref="ArgumentException">There are none, or there is no such sequence.</exception>
    public abstract DecoderState Select(ReadOnlySpan<int> sequences);

    /// <summary>Everything in it, for a file.</summary>
    /// <exception cref="NotSupportedException">States of this kind of model have no file format.</exception>
    internal abstract IEnumerable<(string Name, int[] Shape, Memory<float> Values)> Tensors();

    internal void Advance(long tokens) => Position += tokens;

    private protected void RequireSequences(ReadOnlySpan<int> sequences)
    {
        if (sequences.IsEmpty)
            throw new ArgumentException("No sequence is named.", nameof(sequences));
        int bad = sequences.IndexOfAnyExceptInRange(0, Batch - 1);
        if (bad >= 0)
            throw new ArgumentOutOfRangeException(nameof(sequences), $"There is no sequence {sequences[bad]} in a state of {Batch}.");
    }

    /// <summary>Tokens of each sequence of a batch.</summary>
    /// <exception cref="ArgumentException">The ids do not divide into the batch, or the state is of another.</exception>
    internal static int RequireSequences(int ids, int batch, DecoderState? state)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        if (ids == 0 || ids % batch != 0)
            throw new ArgumentException($"{ids} ids do not make {batch} sequences of equal length.", nameof(ids));
        if (state is not null && state.Batch != batch)
            throw new ArgumentException($"The state is of {state.Batch} sequences, the batch has {batch}.", nameof(state));
        return ids / batch;
    }
}
