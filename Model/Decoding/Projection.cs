using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>A projection as decoding uses it: one vector in, one vector out. Immutable, so sessions share it.</summary>
internal abstract class Projection
{
    private readonly Parameter? _bias;

    private protected Projection(Parameter weight, Parameter? bias)
    {
        _bias = bias;
        Weight = InputMajorWeight.From(weight);
    }

    private protected InputMajorWeight Weight { get; }

    /// <summary>y = W x + bias.</summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs]</param>
    /// <param name="buffers">Room for the spikes of x and their sums; unused by dense projections.</param>
    internal void Run(Memory<float> x, Memory<float> y, DecodeBuffers buffers)
    {
        Multiply(x, y, buffers);
        if (_bias is not null)
            Simd.Run(new AddScaled { X = _bias, Y = y.Span });
    }

    /// <summary>Without bias.</summary>
    private protected abstract void Multiply(Memory<float> x, Memory<float> y, DecodeBuffers buffers);

    /// <summary>The projection for a linear layer: dense, or spiking when the model has neurons.</summary>
    internal static Projection For(Linear linear, SpikingConfig? spiking) =>
        spiking is null ? new DenseProjection(linear.Weight, linear.Bias) : new SpikeProjection(linear.Weight, linear.Bias, spiking.Threshold);
}

/// <summary>Multiply and add with every weight.</summary>
internal sealed class DenseProjection(Parameter weight, Parameter? bias) : Projection(weight, bias)
{
    private protected override void Multiply(Memory<float> x, Memory<float> y, DecodeBuffers buffers) => Weight.Multiply(x, y);
}

/// <summary>
/// A neuron and its projection: only the weights of active inputs are read, and they are only added or subtracted, unless so many
/// inputs are active that multiplying all weights is faster.
/// </summary>
internal sealed class SpikeProjection(Parameter weight, Parameter? bias, float threshold) : Projection(weight, bias)
{
    private protected override void Multiply(Memory<float> x, Memory<float> y, DecodeBuffers buffers)
    {
        buffers.Events.Fire(x.Span, threshold);
        Weight.MultiplySpikes(buffers.Events, y, buffers.Running);
    }
}
