using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>Products with one vector and a weight that comes from memory: copies that no cache holds together take turns.</summary>
internal sealed class VectorCase
{
    private readonly InputMajorWeight[] _pool;
    private readonly float[] _y;
    private int _next;

    /// <summary>Lays out the copies.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="type">How they are stored.</param>
    /// <param name="poolBytes">Of all copies together, at least.</param>
    public VectorCase(Tensor weight, StorageType type, long poolBytes = 1 << 27)
    {
        var first = InputMajorWeight.From(weight, type);
        int copies = (int)((poolBytes + first.Bytes - 1) / first.Bytes);
        _pool = [first, .. Enumerable.Range(1, copies - 1).Select(_ => InputMajorWeight.From(weight, type))];
        _y = new float[weight.Rows];
    }

    /// <summary>Bytes that one product reads.</summary>
    public long Bytes => _pool[0].Bytes;

    /// <summary>Every weight multiplied and added.</summary>
    public void Multiply(float[] x) => Next().Multiply(x, _y);

    /// <summary>The weights of active inputs added, the vector encoded anew.</summary>
    public void Accumulate(float[] x, SpikeEvents events)
    {
        events.Fire(x, threshold: 1f);
        Next().Accumulate(events, _y);
    }

    /// <summary>The weights of active inputs added, of a vector that is encoded.</summary>
    public void Add(SpikeEvents events) => Next().Accumulate(events, _y);

    /// <summary>Whichever way the profile advises, the vector encoded anew, as decoding does it.</summary>
    public void Choose(float[] x, SpikeEvents events)
    {
        events.Fire(x, threshold: 1f);
        Next().MultiplySpikes(events, _y);
    }

    private InputMajorWeight Next() => _pool[_next = (_next + 1) % _pool.Length];
}
