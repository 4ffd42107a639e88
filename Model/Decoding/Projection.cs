using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>
/// A projection as decoding uses it: one vector in, one vector out, with the weights in <see cref="OutputTiles"/>.
/// Immutable, so sessions share it.
/// </summary>
internal abstract class Projection
{
    // Below this many weights a second thread costs more than it brings.
    private const int PieceWeights = 1 << 19;

    private readonly Parameter? _bias;
    private readonly Memory<float> _tiles;

    private protected Projection(Parameter weight, Parameter? bias)
    {
        _bias = bias;
        Inputs = weight.Columns;
        _tiles = AlignedMemory.Allocate(weight.Count);
        OutputTiles.Pack(weight, Inputs, _tiles.Span);
    }

    private protected int Inputs { get; }

    /// <summary>y = W x + bias.</summary>
    /// <param name="x">[inputs]</param>
    /// <param name="y">[outputs]</param>
    /// <param name="events">Room for the spikes of x; unused by dense projections.</param>
    internal void Run(Memory<float> x, Memory<float> y, SpikeEvents events)
    {
        Prepare(x.Span, events);
        int tilesPerPiece = Math.Max(1, PieceWeights / (Inputs * OutputTiles.Width));
        RowParallel.For(y.Length, tilesPerPiece * OutputTiles.Width, (self: this, x, y, events), static (s, start, end) =>
            s.self.Multiply(s.self._tiles.Span[(start * s.self.Inputs)..(end * s.self.Inputs)], s.x.Span, s.events, s.y.Span[start..end]), heavy: true);
        if (_bias is not null)
            Simd.Run(new AddScaled { X = _bias, Y = y.Span });
    }

    /// <summary>Work that is done once per vector.</summary>
    private protected abstract void Prepare(ReadOnlySpan<float> x, SpikeEvents events);

    /// <summary>Some tiles of outputs, without bias.</summary>
    private protected abstract void Multiply(ReadOnlySpan<float> tiles, ReadOnlySpan<float> x, SpikeEvents events, Span<float> y);

    /// <summary>The projection for a linear layer: dense, or spiking when the model has neurons.</summary>
    internal static Projection For(Linear linear, SpikingConfig? spiking) =>
        spiking is null ? new DenseProjection(linear.Weight, linear.Bias) : new SpikeProjection(linear.Weight, linear.Bias, spiking.Threshold);
}

/// <summary>Multiply and add with every weight.</summary>
internal sealed class DenseProjection(Parameter weight, Parameter? bias) : Projection(weight, bias)
{
    private protected override void Prepare(ReadOnlySpan<float> x, SpikeEvents events)
    {
    }

    private protected override void Multiply(ReadOnlySpan<float> tiles, ReadOnlySpan<float> x, SpikeEvents events, Span<float> y) =>
        Simd.Run(new MatVec { Tiles = tiles, X = x, Y = y });
}

/// <summary>A neuron and its projection: only the weights of active inputs are read, and they are only added or subtracted.</summary>
internal sealed class SpikeProjection(Parameter weight, Parameter? bias, float threshold) : Projection(weight, bias)
{
    private protected override void Prepare(ReadOnlySpan<float> x, SpikeEvents events) => events.Fire(x, threshold);

    private protected override void Multiply(ReadOnlySpan<float> tiles, ReadOnlySpan<float> x, SpikeEvents events, Span<float> y) =>
        Simd.Run(new SpikeMatVec { Tiles = tiles, Inputs = Inputs, Indices = events.Indices, Ends = events.Ends, Y = y });
}
