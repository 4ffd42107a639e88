using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y's axis i is x's axis axes[i]; a copy.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Every axis of x once; negative ones count from the end.</param>
    /// <exception cref="ArgumentException">They are not every axis once.</exception>
    public static Tensor Permute(Tensor x, params ReadOnlySpan<int> axes) => PermuteAs(x, axes, nameof(Permute));

    /// <summary>Exchanges two axes; a copy.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis1">Negative ones count from the end.</param>
    /// <param name="axis2">Negative ones count from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor Transpose(Tensor x, int axis1, int axis2)
    {
        ArgumentNullException.ThrowIfNull(x);
        (axis1, axis2) = (x.Shape.Axis(axis1), x.Shape.Axis(axis2));
        Span<int> axes = stackalloc int[x.Shape.Rank];
        for (int axis = 0; axis < axes.Length; axis++)
            axes[axis] = axis;
        (axes[axis1], axes[axis2]) = (axis2, axis1);
        return PermuteAs(x, axes, nameof(Transpose));
    }

    private static Tensor PermuteAs(Tensor x, ReadOnlySpan<int> axes, string op)
    {
        ArgumentNullException.ThrowIfNull(x);
        int rank = x.Shape.Rank;
        Span<int> dims = stackalloc int[rank];
        Span<bool> used = stackalloc bool[rank];
        bool valid = axes.Length == rank;
        for (int i = 0; i < rank && valid; i++)
        {
            int axis = x.Shape.Axis(axes[i]);
            valid = !used[axis];
            used[axis] = true;
            dims[i] = x.Shape[axis];
        }

        if (!valid)
        {
            throw new ArgumentException(
                $"axes are {string.Join(", ", axes.ToArray())}; x {x.Shape} wants each of its {rank} axes once.", nameof(axes));
        }

        Shape shape = new(dims);
        StridedLoop loop = new(0, 0);
        for (int i = 0; i < rank; i++)
            loop.Add(new StridedAxis(dims[i], x.Shape.Stride(x.Shape.Axis(axes[i])), shape.Stride(i)));
        return Rearranged(x, shape, loop, op);
    }
}
