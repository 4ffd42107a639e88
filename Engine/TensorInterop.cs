using System.Numerics.Tensors;
using CommunityToolkit.HighPerformance;

namespace SpikeEngine;

/// <summary>
/// The same memory under the types of other libraries; nothing is copied, and writes show on both sides. The way back is
/// Tensor.Wrap without a copy, and Tensor.From with one.
/// </summary>
public static class TensorInterop
{
    /// <summary>The values as a <see cref="TensorSpan{T}"/> of the same shape.</summary>
    public static TensorSpan<float> AsTensorSpan(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Span<nint> lengths = stackalloc nint[tensor.Shape.Rank];
        for (int axis = 0; axis < lengths.Length; axis++)
            lengths[axis] = tensor.Shape[axis];
        return new TensorSpan<float>(tensor.Values, lengths);
    }

    /// <summary>The values as a <see cref="ReadOnlyTensorSpan{T}"/> of the same shape.</summary>
    public static ReadOnlyTensorSpan<float> AsReadOnlyTensorSpan(this Tensor tensor) => tensor.AsTensorSpan();

    /// <summary>The values as rows and columns: all axes but the last are folded into rows.</summary>
    public static Span2D<float> AsSpan2D(this Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.ValueMemory.AsMemory2D(tensor.Rows, tensor.Columns).Span;
    }
}
