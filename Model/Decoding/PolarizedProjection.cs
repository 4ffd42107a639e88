namespace SpikeEngine.Model.Decoding;

/// <summary>A projection in front of which one number overwrites the channel of largest magnitude of each token, and its neuron then sees that.</summary>
/// <param name="inner">The projection.</param>
/// <param name="value">The number.</param>
internal sealed class PolarizedProjection(Projection inner, float value) : Projection
{
    internal override long WeightBytes => inner.WeightBytes;

    internal override StorageType WeightType => inner.WeightType;

    internal override void Run(Memory<float> x, Memory<float> y, Mamba2Buffers buffers, SpikeObserver seen)
    {
        // In place and back again: x is of this session alone, and whoever reads it later finds it as it was.
        int at = Largest(x.Span);
        float before = x.Span[at];
        x.Span[at] = value;
        try
        {
            inner.Run(x, y, buffers, seen);
        }
        finally
        {
            x.Span[at] = before;
        }
    }

    internal override Tensor[] Forward(Tensor x, ReadOnlySpan<int> sizes, SpikeObserver seen) => inner.Forward(Polarized(x), sizes, seen);

    internal override Tensor Forward(Tensor x, Tensor? residual, SpikeObserver seen) => inner.Forward(Polarized(x), residual, seen);

    internal override Projection WithThreshold(float threshold) => new PolarizedProjection(inner.WithThreshold(threshold), value);

    private Tensor Polarized(Tensor x)
    {
        Tensor changed = Tensor.Like(x);
        x.Values.CopyTo(changed.Values);
        for (int row = 0; row < changed.Rows; row++)
        {
            Span<float> token = changed.Values.Slice(row * changed.Columns, changed.Columns);
            token[Largest(token)] = value;
        }

        return changed;
    }

    /// <summary>Where |x| is largest, the first such place; a NaN is not large.</summary>
    private static int Largest(ReadOnlySpan<float> x)
    {
        int largest = 0;
        float most = -1f;
        for (int i = 0; i < x.Length; i++)
        {
            if (Math.Abs(x[i]) > most)
                (largest, most) = (i, Math.Abs(x[i]));
        }

        return largest;
    }
}
