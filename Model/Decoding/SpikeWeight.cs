using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Decoding;

/// <summary>
/// A projection's weight behind a neuron, laid out for the way in which it is used. Bytes whose every weight is to be multiplied are kept in panels as
/// well, as the fastest dense way for a vector wants them.
/// </summary>
/// <param name="weight">[outputs, inputs]</param>
/// <param name="path">How spikes are multiplied.</param>
internal sealed class SpikeWeight(StoredTensor weight, SpikePath path)
{
    private readonly InputMajorWeight _byInput = InputMajorWeight.From(weight);
    private readonly SpikeDotWeight? _dense = path == SpikePath.Dense && weight.Type == StorageType.Int8 ? SpikeDotWeight.From(weight) : null;

    /// <summary>Bytes that a vector of spikes touches, at most.</summary>
    internal long Bytes => _byInput.Bytes;

    /// <summary>How the numbers are kept.</summary>
    internal StorageType Type => _byInput.Type;

    /// <summary>Spikes of a vector, sorted if the product that follows goes by them.</summary>
    internal void Fire(ReadOnlySpan<float> x, SpikeRule rule, SpikeEvents events) => rule.Fire(x, events, sorts: path != SpikePath.Dense);

    /// <summary>The same of spikes that are there already, 0 and 1.</summary>
    internal void Fire(ReadOnlySpan<float> spikes, SpikeEvents events) => events.Fire(spikes, threshold: 1f, hasSign: false, sorts: path != SpikePath.Dense);

    /// <summary>y = W s for the spikes of one vector.</summary>
    internal void Multiply(SpikeEvents events, Memory<float> y)
    {
        if (_dense is not null)
            _dense.Multiply(events.Spikes.Span, events.Levels, y);
        else if (path == SpikePath.Dense)
            _byInput.Multiply(events.Spikes, y);
        else if (path == SpikePath.Accumulate)
            _byInput.Accumulate(events, y);
        else
            _byInput.MultiplySpikes(events, y);
    }

    /// <summary>x Wᵀ + bias of any numbers, for whole sequences.</summary>
    internal Tensor MultiplyDense(Tensor x, Tensor? bias) => Ops.Linear(x, _byInput, bias);

    /// <summary>s Wᵀ + bias for whole sequences.</summary>
    internal Tensor Multiply(Tensor spikes, Tensor? bias, int levels) => Ops.SpikeLinear(spikes, _byInput, bias, levels, path);
}
