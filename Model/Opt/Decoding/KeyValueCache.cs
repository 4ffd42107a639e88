namespace SpikeEngine.Model.Opt;

/// <summary>Keys and values of one layer, of all sequences of a batch. It grows as texts do.</summary>
internal abstract class KeyValueCache
{
    private const int Least = 512;   // tokens: a register of bits

    private int _written;

    /// <summary>Tokens that there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>Bytes that it takes.</summary>
    public abstract long Bytes { get; }

    /// <summary>Makes room for tokens that follow, and forgets what there may be behind the position: left by a pass that did not come to its end.</summary>
    /// <param name="position">Tokens that are there.</param>
    /// <param name="count">Tokens that follow.</param>
    public void Begin(int position, int count)
    {
        Require(position + count);
        if (_written > position)
            ForgetFrom(position);
        _written = position + count;
    }

    /// <summary>Makes room.</summary>
    private void Require(int tokens)
    {
        if (tokens <= Capacity)
            return;
        int capacity = Math.Max(Least, Capacity);
        while (capacity < tokens)
            capacity *= 2;
        Grow(capacity);
        Capacity = capacity;
    }

    /// <summary>An empty cache of the same sizes for another batch.</summary>
    public abstract KeyValueCache New(int batch);

    /// <summary>Whether another cache has the same kind and sizes, but for the room.</summary>
    public abstract bool HasSizesOf(KeyValueCache other);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        ForgetFrom(0);
        _written = 0;
    }

    /// <summary>Takes over the content of another cache of a batch of the same size.</summary>
    public void CopyFrom(KeyValueCache other, int batch)
    {
        for (int sequence = 0; sequence < batch; sequence++)
            CopySequence(other, sequence, sequence);
    }

    /// <summary>Takes over one sequence of another cache.</summary>
    public void CopySequence(KeyValueCache other, int from, int to)
    {
        Require(other.Capacity);
        _written = Math.Max(_written, other._written);
        CopyRows(other, from, to);
    }

    private protected abstract void CopyRows(KeyValueCache other, int from, int to);

    private protected abstract void Grow(int capacity);

    /// <summary>Makes all tokens from a position on as if they had never been there.</summary>
    private protected abstract void ForgetFrom(int position);
}
