using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>x repeated along axes of size 1 and along new leading axes, a copy; the gradient is the sum over the repetitions.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="shape">
    /// The result's sizes. Aligned at the last axis, each equals that of x or x has 1 there; -1 keeps the size of x.
    /// </param>
    /// <exception cref="ArgumentException">A size fits neither way.</exception>
    public static Tensor Expand(Tensor x, params ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        int added = shape.Length - x.Shape.Rank;
        if (added < 0)
            throw CannotExpand(x, shape);
        Span<int> dims = stackalloc int[shape.Length];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            int old = axis < added ? 1 : x.Shape[axis - added];
            dims[axis] = shape[axis] == -1 && axis >= added ? old : shape[axis];
            if (dims[axis] < 0 || (old != 1 && old != dims[axis]))
                throw CannotExpand(x, shape);
        }

        Shape expanded = new(dims);
        StridedLoop loop = new(0, 0);
        for (int axis = 0; axis < dims.Length; axis++)
        {
            bool repeats = axis < added || x.Shape[axis - added] != dims[axis];
            loop.Add(new StridedAxis(dims[axis], repeats ? 0 : x.Shape.Stride(axis - added), expanded.Stride(axis)));
        }

        return Rearranged(x, expanded, loop, nameof(Expand));
    }

    private static ArgumentException CannotExpand(Tensor x, ReadOnlySpan<int> shape) => new(
        $"x is {x.Shape} and cannot be repeated to [{string.Join(", ", shape.ToArray())}]: sizes must be equal, or 1 in x.", nameof(shape));
}
