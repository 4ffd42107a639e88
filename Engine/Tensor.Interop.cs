using System.Numerics.Tensors;
using CommunityToolkit.HighPerformance;

namespace SpikeEngine;

// From the types of other libraries; TensorInterop has the other direction. From copies, Wrap does not.
public partial class Tensor
{
    /// <summary>
    /// A tensor over the memory of a dense <see cref="Tensor{T}"/>, which it keeps alive; no copy, and writes show on both sides.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The source is not dense (a slice or a transpose for example): <see cref="From(in ReadOnlyTensorSpan{float})"/> copies it.
    /// </exception>
    public static Tensor Wrap(Tensor<float> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Shape shape = ShapeOf(source.Lengths);
        return source.IsDense
            ? new Tensor(shape, new DenseTensorMemory(source).Memory)
            : throw new ArgumentException($"The source {shape} is not dense; Tensor.From copies it.", nameof(source));
    }

    /// <summary>
    /// A tensor over contiguous rows and columns, those of a <c>float[,]</c> for example; no copy, and writes show on both sides.
    /// </summary>
    /// <returns>[height, width]</returns>
    /// <exception cref="ArgumentException">
    /// There are gaps between the rows: <see cref="From(ReadOnlySpan2D{float})"/> copies them.
    /// </exception>
    public static Tensor Wrap(Memory2D<float> source) => source.TryGetMemory(out Memory<float> memory)
        ? new Tensor(new Shape(source.Height, source.Width), memory)
        : throw new ArgumentException(
            $"The source [{source.Height}, {source.Width}] has gaps between rows; Tensor.From copies it.", nameof(source));

    /// <summary>A copy of a tensor span, dense or not.</summary>
    public static Tensor From(in ReadOnlyTensorSpan<float> source)
    {
        Tensor tensor = new(ShapeOf(source.Lengths));
        source.FlattenTo(tensor.Values);
        return tensor;
    }

    private static Shape ShapeOf(ReadOnlySpan<nint> lengths)
    {
        Span<int> dims = stackalloc int[lengths.Length];
        for (int axis = 0; axis < dims.Length; axis++)
            dims[axis] = checked((int)lengths[axis]);
        return new Shape(dims);
    }
}
