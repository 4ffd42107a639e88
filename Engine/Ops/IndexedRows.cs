namespace SpikeEngine;

/// <summary>
/// Indices of the shape <paramref name="Index"/> that name positions on one axis of other data; on all other axes an index
/// stands for its own position. Rows and columns are those of the indices.
/// </summary>
/// <param name="Data">Shape of the data; not smaller than that of the indices, except on the axis.</param>
/// <param name="Index">Shape of the indices, of the same rank.</param>
/// <param name="Axis">The axis, not negative.</param>
/// <param name="Indices">The indices, row-major.</param>
internal readonly record struct IndexedRows(Shape Data, Shape Index, int Axis, ReadOnlyMemory<int> Indices)
{
    /// <summary>Whether the axis is the last one: then the indices run along rows of the data.</summary>
    public bool AlongRows => Axis == Index.Rank - 1;

    /// <summary>Distance in the data between positions on the axis.</summary>
    public int Stride => Data.Stride(Axis);

    /// <summary>Distance in the data between columns of the indices.</summary>
    public int Step => AlongRows ? 0 : 1;

    /// <summary>Number of consecutive rows that may meet in one place of the data; rows of different groups never do.</summary>
    public int RowsInGroup => AlongRows ? 1 : Index.Stride(Axis - 1) / Math.Max(1, Index.Columns);

    /// <summary>Checked indices.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not a position on the axis.</exception>
    public static IndexedRows Checked(Tensor x, ReadOnlyMemory<int> indices, ReadOnlySpan<int> indexShape, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        Shape index = new(indexShape);
        axis = x.Shape.Axis(axis);
        if (index.Count != indices.Length)
            throw new ArgumentException($"Shape {index} has {index.Count} elements, {indices.Length} indices were given.");
        IndexedRows rows = new(x.Shape, index, axis, indices);
        rows.RequireWithin(x.Shape, "x", exceptAxis: axis);
        RequirePositions(indices.Span, axis, x.Shape);
        return rows;
    }

    /// <summary>Every index names a position on the axis.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One does not; the message names it, the axis and the shape.</exception>
    public static void RequirePositions(ReadOnlySpan<int> indices, int axis, Shape shape)
    {
        int size = shape[axis];
        int wrong = size > 0 ? indices.IndexOfAnyExceptInRange(0, size - 1) : indices.Length - 1;
        if (wrong >= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(indices), $"Index {indices[wrong]} on axis {axis} of {shape}: positions are from 0 to {size - 1}.");
        }
    }

    /// <summary>The indices are not larger than other data.</summary>
    /// <exception cref="ArgumentException">They are.</exception>
    public void RequireWithin(Shape other, string name, int exceptAxis = -1)
    {
        bool within = other.Rank == Index.Rank;
        for (int i = 0; i < other.Rank && within; i++)
            within = i == exceptAxis || Index[i] <= other[i];
        if (!within)
        {
            throw new ArgumentException(
                $"The indices are {Index}, {name} is {other}: ranks must be equal, and no axis but the indexed one larger.");
        }
    }

    /// <summary>Where the data of a row of indices start, at position 0 of the axis.</summary>
    public int Start(int row) => Start(row, Data, Axis);

    /// <summary>Where a row of indices starts in data that have all its axes.</summary>
    public int Start(int row, Shape other) => Start(row, other, -1);

    /// <summary>The indices of a row.</summary>
    public ReadOnlySpan<int> Line(int row) => Indices.Span.Slice(row * Index.Columns, Index.Columns);

    /// <summary>The place in the data that an index names.</summary>
    public int Place(int i) => Start(i / Index.Columns) + Indices.Span[i] * Stride + i % Index.Columns * Step;

    private int Start(int row, Shape shape, int without)
    {
        int start = 0, stride = shape.Columns;
        for (int axis = Index.Rank - 2; axis >= 0; axis--)
        {
            (row, int position) = Math.DivRem(row, Index[axis]);
            if (axis != without)
                start += position * stride;
            stride *= shape[axis];
        }

        return start;
    }
}
