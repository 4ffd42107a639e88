using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Queries, keys and values of all heads side by side, and who sees whom.</summary>
internal readonly struct AttentionShape
{
    private readonly int[] _firstKeys;

    private AttentionShape(int batch, int length, int heads, int headDim, int[] firstKeys)
    {
        (Batch, Length, Heads, HeadDim, _firstKeys) = (batch, length, heads, headDim, firstKeys);
    }

    public int Batch { get; }

    public int Length { get; }

    public int Heads { get; }

    public int HeadDim { get; }

    public int Width => Heads * HeadDim;

    public AttentionHead Head => new(Length, HeadDim, Width);

    /// <summary>Checks q, k and v, [..., B, T, D].</summary>
    /// <param name="q">Queries.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="heads">H; divides D.</param>
    /// <param name="starts">[B * T]: true where a document begins, which sees nothing of those before it; empty for nowhere.</param>
    /// <param name="rank">Axes of q.</param>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    public static AttentionShape Of(Tensor q, Tensor k, Tensor v, int heads, ReadOnlyMemory<bool> starts, int rank)
    {
        ArgumentNullException.ThrowIfNull(q);
        ArgumentNullException.ThrowIfNull(k);
        ArgumentNullException.ThrowIfNull(v);
        if (q.Shape.Rank != rank)
            throw new ArgumentException($"q is {q.Shape}; {rank} axes are wanted, the last two tokens and channels.", nameof(q));
        if (k.Shape != q.Shape || v.Shape != q.Shape)
            throw new ArgumentException($"q is {q.Shape}, k {k.Shape}, v {v.Shape}; they must be equal.", nameof(k));
        if (heads < 1 || q.Columns % heads != 0)
            throw new ArgumentException($"{heads} heads do not divide the {q.Columns} channels of q {q.Shape}.", nameof(heads));
        int batch = q.Shape[rank - 3], length = q.Shape[rank - 2];
        if (!starts.IsEmpty && starts.Length != batch * length)
            throw new ArgumentException($"starts has {starts.Length} entries for {batch} sequences of {length} tokens.", nameof(starts));
        return new AttentionShape(batch, length, heads, q.Columns / heads, FirstKeysOf(starts.Span, length));
    }

    /// <summary>The first key that each query of a sequence sees; empty where that is key 0 everywhere.</summary>
    public ReadOnlySpan<int> FirstKeys(int batch) => _firstKeys.Length == 0 ? [] : _firstKeys.AsSpan(batch * Length, Length);

    /// <summary>Pairs of a query and a key that it sees, in all sequences and heads.</summary>
    public long Pairs
    {
        get
        {
            long ofHead = (long)Batch * Length * (Length + 1) / 2;
            foreach (int first in _firstKeys)
                ofHead -= first;
            return Heads * ofHead;
        }
    }

    /// <summary>The part of a tensor [..., B, T, D] that begins with the first token of a head.</summary>
    public Span<float> Part(Span<float> values, int batch, int head) => values[(batch * Length * Width + head * HeadDim)..];

    private static int[] FirstKeysOf(ReadOnlySpan<bool> starts, int length)
    {
        if (!starts.Contains(true))
            return [];
        int[] first = new int[starts.Length];
        for (int i = 0; i < first.Length; i++)
            first[i] = i % length == 0 ? 0 : starts[i] ? i % length : first[i - 1];
        return first;
    }
}
