namespace SpikeEngine.Model.Decoding;

/// <summary>Finds the threshold at which a share of a projection's inputs spikes, while a sample passes through.</summary>
internal sealed class CalibratingProjection(Projection start, double rate) : Projection
{
    /// <summary>The projection with the threshold that was found.</summary>
    internal Projection Result { get; private set; } = start;

    internal override long WeightBytes => Result.WeightBytes;

    internal override StorageType WeightType => Result.WeightType;

    internal override void Run(Memory<float> x, Memory<float> y, Mamba2Buffers buffers, SpikeObserver seen) =>
        throw new NotSupportedException("Thresholds are found on whole sequences.");

    internal override Tensor[] Forward(Tensor x, ReadOnlySpan<int> sizes, SpikeObserver seen)
    {
        Result = Result.WithThreshold(ThresholdFor(x.Values));
        return Result.Forward(x, sizes, seen);
    }

    internal override Tensor Forward(Tensor x, Tensor? residual, SpikeObserver seen)
    {
        Result = Result.WithThreshold(ThresholdFor(x.Values));
        return Result.Forward(x, residual, seen);
    }

    internal override Projection WithThreshold(float threshold) => Result.WithThreshold(threshold);

    /// <summary>x spikes where |x| / threshold rounds to 1 or more, that is above one half.</summary>
    private float ThresholdFor(ReadOnlySpan<float> x)
    {
        float[] magnitudes = new float[x.Length];
        System.Numerics.Tensors.TensorPrimitives.Abs(x, magnitudes);
        Array.Sort(magnitudes);
        float edge = magnitudes[Math.Clamp((int)((1 - rate) * magnitudes.Length), 0, magnitudes.Length - 1)];
        return Math.Max(2 * edge, float.Epsilon * (1 << 23));   // an input that is zero throughout must not give a threshold of zero
    }
}
