using System.Numerics.Tensors;
using CommunityToolkit.HighPerformance;

namespace SpikeEngine;

/// <summary>
/// The same memory under the types of other libraries; nothing is copied, and writes show on both sides. The way back is
/// Tensor.Wrap without a copy, and Tensor.From with one.
/// </summary>
public static class TensorInterop
{
    /// <summary>The values as a <see cref="TensorSpan{T}"/> of the same shape; [1] for a single number, since a span has no rank 0.</summary>
    public static TensorSpan<float> AsTensorSpan(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ReadOnlySpan<int> dims = tensor.Shape.Dims;
        Span<nint> lengths = stackalloc nint[Math.Max(1, dims.Length)];
        lengths[0] = 1;
        for (int axis = 0; axis < dims.Length; axis++)
            lengths[axis] = dims[axis];
        return new TensorSpan<float>(tensor.Values, lengths);
    }

    /// <summary>As <see cref="AsTensorSpan"/>, to be read only.</summary>
    public static ReadOnlyTensorSpan<float> AsReadOnlyTensorSpan(this Tensor tensor) => tensor.AsTensorSpan();

    /// <summary>The values as rows and columns: all axes but the last are folded into rows.</summary>
    public static Span2D<float> AsSpan2D(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.ValueMemory.AsMemory2D(tensor.Rows, tensor.Columns).Span;
    }
}
