using SpikeEngine.Kernels;
using SpikeEngine.Model.Layers;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>A projection as decoding uses it: one vector in, one vector out. Immutable, so sessions share it.</summary>
internal abstract class Projection(Parameter? bias)
{
    // Below this many weights a second thread costs more than it brings; pieces are whole cache lines of outputs.
    private const int PieceWeights = 1 << 17;
    private const int OutputStep = 64;

    /// <summary>y = W x + bias.</summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs]</param>
    /// <param name="events">Room for the spikes of x; unused by dense projections.</param>
    internal void Run(Memory<float> x, Memory<float> y, SpikeEvents events)
    {
        Prepare(x.Span, events);
        int perPiece = Math.Max(OutputStep, PieceWeights / x.Length / OutputStep * OutputStep);
        RowParallel.For(y.Length, perPiece, (self: this, x, y, events), static (s, start, end) =>
            s.self.Outputs(s.x.Span, s.events, start, s.y.Span[start..end]));
        if (bias is not null)
            Simd.Run(new AddScaled { X = bias, Y = y.Span });
    }

    /// <summary>Work that is done once per vector.</summary>
    private protected abstract void Prepare(ReadOnlySpan<float> x, SpikeEvents events);

    /// <summary>Some of the outputs, without bias.</summary>
    private protected abstract void Outputs(ReadOnlySpan<float> x, SpikeEvents events, int first, Span<float> y);

    /// <summary>The projection for a linear layer: dense, or spiking when the model has neurons.</summary>
    internal static Projection For(Linear linear, SpikingConfig? spiking) =>
        spiking is null ? new DenseProjection(linear.Weight, linear.Bias) : new SpikeProjection(linear.Weight, linear.Bias, spiking);
}

/// <summary>Multiply and add with every weight.</summary>
internal sealed class DenseProjection(Parameter weight, Parameter? bias) : Projection(bias)
{
    private protected override void Prepare(ReadOnlySpan<float> x, SpikeEvents events)
    {
    }

    private protected override void Outputs(ReadOnlySpan<float> x, SpikeEvents events, int first, Span<float> y) =>
        Simd.Run(new MatVec { Weight = weight.Values.Slice(first * x.Length, y.Length * x.Length), X = x, Y = y });
}

/// <summary>A neuron and its projection: only the rows of active inputs are read, and they are only added or subtracted.</summary>
internal sealed class SpikeProjection : Projection
{
    private readonly Memory<float> _inputMajor;
    private readonly int _outputs;
    private readonly float _threshold;

    internal SpikeProjection(Parameter weight, Parameter? bias, SpikingConfig spiking)
        : base(bias)
    {
        _outputs = weight.Shape[0];
        _threshold = spiking.Threshold;
        _inputMajor = Transposed(weight);
    }

    private protected override void Prepare(ReadOnlySpan<float> x, SpikeEvents events) => events.Fire(x, _threshold);

    private protected override void Outputs(ReadOnlySpan<float> x, SpikeEvents events, int first, Span<float> y) =>
        Simd.Run(new SpikeMatVec
        {
            Weight = _inputMajor.Span, Stride = _outputs, FirstOutput = first,
            Indices = events.Indices, Ends = events.Ends, Y = y,
        });

    /// <summary>[inputs, outputs], so that the weights of one input are contiguous.</summary>
    private static Memory<float> Transposed(Parameter weight)
    {
        int outputs = weight.Shape[0], inputs = weight.Columns;
        Memory<float> transposed = AlignedMemory.Allocate(weight.Count);
        Span<float> to = transposed.Span;
        ReadOnlySpan<float> from = weight.Values;
        for (int output = 0; output < outputs; output++)
        {
            for (int input = 0; input < inputs; input++)
                to[input * outputs + output] = from[output * inputs + input];
        }

        return transposed;
    }
}
