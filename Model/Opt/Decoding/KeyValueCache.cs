namespace SpikeEngine.Model.Opt;

/// <summary>Keys and values of one layer, of all sequences of a batch. It grows as texts do.</summary>
internal abstract class KeyValueCache
{
    private const int Least = 512;   // tokens: a register of bits

    /// <summary>Tokens that there is room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>Bytes that it takes.</summary>
    public abstract long Bytes { get; }

    /// <summary>Makes room.</summary>
    public void Require(int tokens)
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
    public abstract void Clear();

    /// <summary>Takes over the content of another cache of a batch of the same size.</summary>
    public abstract void CopyFrom(KeyValueCache other);

    /// <summary>Takes over one sequence of another cache.</summary>
    public abstract void CopySequence(KeyValueCache other, int from, int to);

    private protected abstract void Grow(int capacity);
}
