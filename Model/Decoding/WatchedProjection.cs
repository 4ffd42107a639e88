namespace SpikeEngine.Model.Decoding;

/// <summary>A projection that keeps what comes to it, to be compared.</summary>
internal sealed class WatchedProjection(Projection inner) : Projection
{
    private readonly List<float> _seen = [];

    /// <summary>All inputs so far, vector after vector.</summary>
    internal ReadOnlySpan<float> Seen => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_seen);

    /// <summary>Its neurons.</summary>
    internal SpikeRule Rule => ((SpikeProjection)inner).Rule;

    internal override long WeightBytes => inner.WeightBytes;

    internal override StorageType WeightType => inner.WeightType;

    internal override void Run(Memory<float> x, Memory<float> y, Mamba2Buffers buffers, SpikeObserver seen)
    {
        _seen.AddRange(x.Span);
        inner.Run(x, y, buffers, seen);
    }

    internal override Tensor[] Forward(Tensor x, ReadOnlySpan<int> sizes, SpikeObserver seen)
    {
        _seen.AddRange(x.Values);
        return inner.Forward(x, sizes, seen);
    }

    internal override Tensor Forward(Tensor x, Tensor? residual, SpikeObserver seen)
    {
        _seen.AddRange(x.Values);
        return inner.Forward(x, residual, seen);
    }

    internal override Projection WithThreshold(float threshold) => new WatchedProjection(inner.WithThreshold(threshold));
}
