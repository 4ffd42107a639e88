using SpikeEngine.Kernels;

namespace SpikeEngine.Cli.Bench;

/// <summary>Products with one vector and a weight that comes from memory: copies that no cache holds together take turns.</summary>
internal sealed class VectorCase
{
    private const long PoolBytes = 1 << 27;

    private readonly InputMajorWeight[] _pool;
    private readonly float[] _y;
    private readonly float[] _running;
    private int _next;

    /// <summary>Lays out the copies.</summary>
    public VectorCase(Tensor weight, StorageType type)
    {
        var first = InputMajorWeight.From(weight, type);
        int copies = (int)((PoolBytes + first.Bytes - 1) / first.Bytes);
        _pool = [first, .. Enumerable.Range(1, copies - 1).Select(_ => InputMajorWeight.From(weight, type))];
        (_y, _running) = (new float[weight.Rows], new float[weight.Rows]);
    }

    /// <summary>Bytes that one product reads.</summary>
    public long Bytes => _pool[0].Bytes;

    /// <summary>Every weight multiplied and added.</summary>
    public void Multiply(float[] x) => Next().Multiply(x, _y);

    /// <summary>The weights of active inputs added, the vector encoded anew.</summary>
    public void Accumulate(float[] x, SpikeEvents events)
    {
        events.Fire(x, threshold: 1f);
        Next().Accumulate(events, _y, _running);
    }

    private InputMajorWeight Next() => _pool[_next = (_next + 1) % _pool.Length];
}
