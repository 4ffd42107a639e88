namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>Without an axis of size 1; no copy.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <exception cref="ArgumentException">The axis has another size.</exception>
    public static Tensor Squeeze(Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        if (x.Shape[axis] != 1)
            throw new ArgumentException($"Axis {axis} of {x.Shape} has {x.Shape[axis]} entries; only an axis of 1 can go.", nameof(axis));
        return x.Reshape([.. x.Shape.Dims[..axis], .. x.Shape.Dims[(axis + 1)..]]);
    }

    /// <summary>With a new axis of size 1; no copy.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">Where the new axis is in the result; negative ones count from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public static Tensor Unsqueeze(Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        int place = axis < 0 ? axis + x.Shape.Rank + 1 : axis;
        if ((uint)place > (uint)x.Shape.Rank)
            throw new ArgumentOutOfRangeException(nameof(axis), $"A new axis {axis} for {x.Shape}, which has {x.Shape.Rank}.");
        return x.Reshape([.. x.Shape.Dims[..place], 1, .. x.Shape.Dims[place..]]);
    }

    /// <summary>The axes from <paramref name="first"/> to <paramref name="last"/>, both included, as one; no copy.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="first">Negative ones count from the end.</param>
    /// <param name="last">Negative ones count from the end.</param>
    /// <exception cref="ArgumentException">The last comes before the first.</exception>
    public static Tensor Flatten(Tensor x, int first = 0, int last = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape.Rank == 0)
            return x.Reshape(1);
        (first, last) = (x.Shape.Axis(first), x.Shape.Axis(last));
        if (last < first)
            throw new ArgumentException($"Axes {first} to {last} of {x.Shape}: the last comes before the first.", nameof(last));
        int size = 1;
        foreach (int dim in x.Shape.Dims[first..(last + 1)])
            size *= dim;
        return x.Reshape([.. x.Shape.Dims[..first], size, .. x.Shape.Dims[(last + 1)..]]);
    }
}
