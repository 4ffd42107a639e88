using System.Numerics.Tensors;
using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>A projection for running a model: one vector at a time, or whole sequences. Immutable, so sessions share it.</summary>
internal abstract class Projection
{
    /// <summary>Bytes of the weight.</summary>
    internal abstract long WeightBytes { get; }

    /// <summary>How the weight is kept.</summary>
    internal abstract StorageType WeightType { get; }

    /// <summary>y = W x + bias for one vector.</summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <param name="buffers">Room for the spikes of x; unused by dense projections.</param>
    /// <param name="seen">Called with the spikes of x, when somebody counts them.</param>
    internal abstract void Run(Memory<float> x, Memory<float> y, Mamba2Buffers buffers, SpikeObserver seen);

    /// <summary>x Wᵀ + bias in consecutive parts of the outputs, each of them contiguous.</summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="sizes">Outputs of each part.</param>
    /// <param name="seen">Called with the spikes of x, when somebody counts them.</param>
    internal abstract Tensor[] Forward(Tensor x, ReadOnlySpan<int> sizes, SpikeObserver seen);

    /// <summary>x Wᵀ + bias + residual.</summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <param name="seen">Called with the spikes of x, when somebody counts them.</param>
    internal abstract Tensor Forward(Tensor x, Tensor? residual, SpikeObserver seen);

    /// <summary>The same projection with another threshold of its neuron; itself when it has none.</summary>
    internal abstract Projection WithThreshold(float threshold);

    /// <summary>The projection of a stored weight: dense, or spiking when the model has neurons.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="rule">The neurons, or null.</param>
    /// <param name="path">How spikes are multiplied.</param>
    internal static Projection For(StoredTensor weight, Tensor? bias, SpikeRule? rule, SpikePath path) =>
        rule is { } neurons ? new SpikeProjection(new SpikeWeight(weight, path), bias, neurons) : new DenseProjection(weight, bias);
}

/// <summary>Notes the spikes in front of one projection, if anybody asked.</summary>
internal readonly record struct SpikeObserver(SpikeStatistics? Statistics, int Layer, SpikeSite Site)
{
    /// <summary>Counts them.</summary>
    internal void Observe(ReadOnlySpan<float> spikes) => Statistics?.Observe(Layer, Site, spikes);
}

/// <summary>Multiply and add with every weight, which is read where it lies: in a mapped file, if it comes from one.</summary>
internal sealed class DenseProjection(StoredTensor weight, Tensor? bias) : Projection
{
    internal override long WeightBytes => weight.Bytes;

    internal override StorageType WeightType => weight.Type;

    internal override void Run(Memory<float> x, Memory<float> y, Mamba2Buffers buffers, SpikeObserver seen) => Multiply(x, y);

    /// <summary>y = W x + bias for one vector.</summary>
    internal void Multiply(Memory<float> x, Memory<float> y) => weight.Multiply(x, y, bias?.ValueMemory ?? default);

    internal override Tensor[] Forward(Tensor x, ReadOnlySpan<int> sizes, SpikeObserver seen)
    {
        Tensor[] parts = new Tensor[sizes.Length];
        int first = 0;
        for (int i = 0; i < parts.Length; first += sizes[i++])
            parts[i] = Ops.Linear(x, weight.SliceRows(first, sizes[i]), bias?.SliceRows(first, sizes[i]));
        return parts;
    }

    internal override Tensor Forward(Tensor x, Tensor? residual, SpikeObserver seen) => Ops.Linear(x, weight, bias, residual);

    internal override Projection WithThreshold(float threshold) => this;
}

/// <summary>
/// A neuron and its projection: only the weights of active inputs are read, and they are only added or subtracted, unless so many
/// inputs are active that multiplying all weights is faster, or somebody wants it to be compared with.
/// </summary>
internal sealed class SpikeProjection(SpikeWeight weight, Tensor? bias, SpikeRule rule) : Projection
{
    /// <summary>The neurons.</summary>
    internal SpikeRule Rule => rule;

    internal override long WeightBytes => weight.Bytes;

    internal override StorageType WeightType => weight.Type;

    internal override void Run(Memory<float> x, Memory<float> y, Mamba2Buffers buffers, SpikeObserver seen)
    {
        weight.Fire(x.Span, rule, buffers.Events);
        seen.Observe(buffers.Events.Spikes.Span);
        weight.Multiply(buffers.Events, y);
        if (rule.Unit != 1f)
            TensorPrimitives.Multiply(y.Span, rule.Unit, y.Span);
        if (bias is not null)
            Simd.Run(new AddScaled { X = bias, Y = y.Span });
    }

    internal override Tensor[] Forward(Tensor x, ReadOnlySpan<int> sizes, SpikeObserver seen) =>
        Ops.Split(Forward(x, residual: null, seen), sizes, axis: -1);

    internal override Tensor Forward(Tensor x, Tensor? residual, SpikeObserver seen)
    {
        Tensor spikes = rule.Fire(x);
        seen.Observe(spikes.Values);
        Tensor y = rule.Unit == 1f
            ? weight.Multiply(spikes, bias, rule.Levels)
            : WithBias(Ops.Scale(weight.Multiply(spikes, null, rule.Levels), rule.Unit));
        return residual is null ? y : Ops.Add(residual, y);
    }

    internal override Projection WithThreshold(float threshold) => new SpikeProjection(weight, bias, rule.At(threshold));

    private Tensor WithBias(Tensor y) => bias is null ? y : Ops.Add(y, bias);
}
