using System.Numerics.Tensors;
using SpikeEngine.Kernels;
using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model.Opt;

/// <summary>A projection of binary spikes, or of whole numbers of them, that only adds weights.</summary>
/// <param name="weight">[outputs, inputs]</param>
/// <param name="bias">[outputs], or null.</param>
/// <param name="path">How spikes are multiplied.</param>
internal sealed class SpikingProjection(StoredTensor weight, Tensor? bias, SpikePath path)
{
    private readonly SpikeWeight _weight = new(weight, path);

    /// <summary>Bytes of the weight.</summary>
    public long WeightBytes => _weight.Bytes;

    /// <summary>How it is kept.</summary>
    public StorageType WeightType => _weight.Type;

    /// <summary>W s + bias for each step.</summary>
    /// <param name="spikes">[T, inputs] of 0 and 1.</param>
    /// <param name="y">[T, outputs], overwritten.</param>
    /// <param name="buffers">Room for the active inputs.</param>
    public void Run(ReadOnlyMemory<float> spikes, Memory<float> y, OptBuffers buffers)
    {
        int inputs = spikes.Length / buffers.Steps, outputs = y.Length / buffers.Steps;
        for (int step = 0; step < buffers.Steps; step++)
            Product(spikes.Slice(step * inputs, inputs), y.Slice(step * outputs, outputs), buffers);
        AddBias(y.Span);
    }

    /// <summary>
    /// W c + bias of whole numbers c for each step: the products of their digits, from the highest on, whose sum is added to itself in between. Nothing is
    /// multiplied, unless everything is to be.
    /// </summary>
    /// <param name="counts">[T, inputs]</param>
    /// <param name="y">[T, outputs], overwritten.</param>
    /// <param name="buffers">Room for a digit.</param>
    public void RunCounts(ReadOnlyMemory<float> counts, Memory<float> y, OptBuffers buffers)
    {
        int inputs = counts.Length / buffers.Steps, outputs = y.Length / buffers.Steps;
        Memory<float> digit = buffers.Digit[..inputs], product = buffers.Digit.Slice(inputs, outputs);
        for (int step = 0; step < buffers.Steps; step++)
        {
            ReadOnlySpan<float> ofStep = counts.Span.Slice(step * inputs, inputs);
            Span<float> sum = y.Span.Slice(step * outputs, outputs);
            if (path == SpikePath.Dense)
            {
                ofStep.CopyTo(digit.Span);
                weight.Multiply(digit, y.Slice(step * outputs, outputs));
                continue;
            }

            sum.Clear();
            for (int place = Digits.Of(TensorPrimitives.Max(ofStep)) - 1; place >= 0; place--)
            {
                Digits.At(ofStep, place, digit.Span);
                Product(digit, product, buffers);
                TensorPrimitives.Add(sum, sum, sum);
                TensorPrimitives.Add(sum, product.Span, sum);
            }
        }

        AddBias(y.Span);
    }

    /// <summary>s Wᵀ + bias of many vectors.</summary>
    /// <param name="spikes">[..., inputs] of 0 and 1.</param>
    public Tensor Forward(Tensor spikes) => _weight.Multiply(spikes, bias, levels: 1);

    /// <summary>c Wᵀ + bias of many vectors of whole numbers, digit by digit unless that is more work than multiplying.</summary>
    /// <param name="counts">[..., inputs]</param>
    public Tensor ForwardCounts(Tensor counts)
    {
        int digits = Digits.Of(TensorPrimitives.Max<float>(counts.Values));
        if (path == SpikePath.Dense || (path == SpikePath.Auto && 2 * Digits.Count(counts.Values, digits) > counts.Count))
            return _weight.MultiplyDense(counts, bias);
        Tensor y = new(counts.Shape.WithColumns(weight.Rows));
        y.Values.Clear();
        for (int place = digits - 1; place >= 0; place--)
        {
            using (Workspace.OpenRegion())
            {
                Tensor digit = Tensor.Like(counts);
                Digits.At(counts.Values, place, digit.Values);
                TensorPrimitives.Add<float>(y.Values, y.Values, y.Values);
                TensorPrimitives.Add<float>(y.Values, _weight.Multiply(digit, bias: null, levels: 1).Values, y.Values);
            }
        }

        return bias is null ? y : Ops.Add(y, bias);
    }

    private void Product(ReadOnlyMemory<float> spikes, Memory<float> y, OptBuffers buffers)
    {
        _weight.Fire(spikes.Span, buffers.Events);
        _weight.Multiply(buffers.Events, y);
    }

    private void AddBias(Span<float> y)
    {
        for (int start = 0; bias is not null && start < y.Length; start += bias.Count)
            Simd.Run(new AddScaled { X = bias, Y = y.Slice(start, bias.Count) });
    }
}
