namespace SpikeEngine;

/// <summary>The axes of a shape that a reduction takes away.</summary>
internal readonly record struct ReducedAxes
{
    private const int MaxRank = 64;

    private readonly ulong _mask;

    /// <summary>The axes named, negative ones counted from the end; all when none is named.</summary>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public ReducedAxes(Shape shape, ReadOnlySpan<int> axes)
    {
        if (shape.Rank > MaxRank)
            throw new ArgumentException($"{shape} has {shape.Rank} axes; reductions know {MaxRank}.", nameof(shape));
        Shape = shape;
        foreach (int axis in axes)
        {
            ulong bit = 1UL << shape.Axis(axis);
            if ((_mask & bit) != 0)
                throw new ArgumentException($"Axis {axis} of {shape} is named twice.", nameof(axes));
            _mask |= bit;
        }

        if (axes.IsEmpty)
            _mask = ulong.MaxValue;
        Length = 1;
        for (int axis = 0; axis < shape.Rank; axis++)
            Length *= this[axis] ? shape[axis] : 1;
    }

    /// <summary>The shape before the reduction.</summary>
    public Shape Shape { get; }

    /// <summary>Elements that make one result.</summary>
    public int Length { get; }

    /// <summary>Whether an axis goes away.</summary>
    public bool this[int axis] => (_mask >> axis & 1) != 0;

    /// <summary>Whether an axis in front of <paramref name="axis"/> goes away.</summary>
    public bool AnyBefore(int axis)
    {
        while (--axis >= 0)
        {
            if (this[axis])
                return true;
        }

        return false;
    }

    /// <summary>The shape after the reduction, [1] when nothing is left; or with sizes of 1 where axes went.</summary>
    public Shape Result(bool keepDims)
    {
        Span<int> dims = stackalloc int[Shape.Rank + 1];
        int rank = 0;
        for (int axis = 0; axis < Shape.Rank; axis++)
        {
            if (!this[axis] || keepDims)
                dims[rank++] = this[axis] ? 1 : Shape[axis];
        }

        if (rank == 0)
            dims[rank++] = 1;
        return new Shape(dims[..rank]);
    }

    /// <summary>
    /// Where a row goes when the kept axes are moved to the front and the reduced ones to the end: its first element, and the
    /// distance between its elements.
    /// </summary>
    public (int First, int Step) Moved(int row)
    {
        ReadOnlySpan<int> dims = Shape.Dims;
        int first = 0, step = this[dims.Length - 1] ? 1 : Length, kept = Length, reduced = 1;
        for (int axis = dims.Length - 1; axis >= 0; axis--)
        {
            ref int stride = ref this[axis] ? ref reduced : ref kept;
            if (axis < dims.Length - 1)
            {
                (row, int position) = Math.DivRem(row, dims[axis]);
                first += position * stride;
            }

            stride *= dims[axis];
        }

        return (first, step);
    }
}
