namespace SpikeEngine.Model.Decoding;

/// <summary>
/// A projection, with the neuron in front of it if there is one, that sees each vector with its channel of the largest magnitude overwritten
/// (SpikingMamba, polarisation study): how much a few outlying channels carry. Of several such channels it is the first.
/// </summary>
internal sealed class PolarizedProjection(Projection inner, float value) : Projection
{
    internal override long WeightBytes => inner.WeightBytes;

    internal override StorageType WeightType => inner.WeightType;

    internal override void Run(Memory<float> x, Memory<float> y, DecodeBuffers buffers, SpikeObserver seen)
    {
        // The vector is the caller's: it gets its channel back.
        int channel = Largest(x.Span);
        float before = x.Span[channel];
        x.Span[channel] = value;
        inner.Run(x, y, buffers, seen);
        x.Span[channel] = before;
    }

    internal override Tensor[] Forward(Tensor x, ReadOnlySpan<int> sizes, SpikeObserver seen) => inner.Forward(Overwritten(x), sizes, seen);

    internal override Tensor Forward(Tensor x, Tensor? residual, SpikeObserver seen) => inner.Forward(Overwritten(x), residual, seen);

    internal override Projection WithThreshold(float threshold) => new PolarizedProjection(inner.WithThreshold(threshold), value);

    private Tensor Overwritten(Tensor x)
    {
        Tensor copy = Tensor.Like(x);
        x.Values.CopyTo(copy.Values);
        for (int row = 0; row < copy.Rows; row++)
        {
            Span<float> vector = copy.Values.Slice(row * copy.Columns, copy.Columns);
            vector[Largest(vector)] = value;
        }

        return copy;
    }

    private static int Largest(ReadOnlySpan<float> x)
    {
        int largest = 0;
        for (int i = 1; i < x.Length; i++)
        {
            if (MathF.Abs(x[i]) > MathF.Abs(x[largest]))
                largest = i;
        }

        return largest;
    }
}
