using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = x[range, range, ...], a copy. <c>Slice(x, 1..5, .., ^2..)</c> is Python's <c>x[1:5, :, -2:]</c>, and
    /// <c>Slice(x, SliceRange.Every(2))</c> its <c>x[::2]</c>.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="ranges">One for each of the first axes; the others stay whole.</param>
    /// <exception cref="ArgumentException">There are more ranges than axes, or a step is 0.</exception>
    public static Tensor Slice(Tensor x, params ReadOnlySpan<SliceRange> ranges) => SliceFrom(x, 0, ranges);

    /// <summary>The entries start, start + step, ... before end of one axis, as in Python; a copy.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <param name="start">First entry; negative ones count from the end.</param>
    /// <param name="end">Entry before which it ends; negative ones count from the end.</param>
    /// <param name="step">Distance between entries; a negative one walks backwards.</param>
    /// <exception cref="ArgumentException">The step is 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor Slice(Tensor x, int axis, int? start = null, int? end = null, int step = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        return SliceFrom(x, x.Shape.Axis(axis), [new SliceRange(start, end, step)]);
    }

    /// <summary>x in consecutive pieces along an axis; copies.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="sizes">Sizes of the pieces, which add up to the axis.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <exception cref="ArgumentException">The sizes do not add up to the axis.</exception>
    public static Tensor[] Split(Tensor x, ReadOnlySpan<int> sizes, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        long sum = 0;
        foreach (int size in sizes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(sizes));
            sum += size;
        }

        if (sum != x.Shape[axis])
            throw new ArgumentException($"Pieces {new Shape(sizes)} do not add up to axis {axis} of {x.Shape}.", nameof(sizes));

        var pieces = new Tensor[sizes.Length];
        for (int i = 0, start = 0; i < pieces.Length; start += sizes[i++])
            pieces[i] = SliceFrom(x, axis, [new SliceRange(start, start + sizes[i])], nameof(Split));
        return pieces;
    }

    /// <summary>Ranges for the axes from <paramref name="firstAxis"/> on.</summary>
    private static Tensor SliceFrom(Tensor x, int firstAxis, ReadOnlySpan<SliceRange> ranges, string op = nameof(Slice))
    {
        ArgumentNullException.ThrowIfNull(x);
        if (firstAxis + ranges.Length > x.Shape.Rank)
            throw new ArgumentException($"{ranges.Length} ranges for x {x.Shape}, which has {x.Shape.Rank} axes.", nameof(ranges));

        Shape shape = x.Shape;
        for (int i = 0; i < ranges.Length; i++)
            shape = shape.With(firstAxis + i, ranges[i].On(x.Shape[firstAxis + i]).Count);

        int offset = 0;
        for (int i = 0; i < ranges.Length && shape.Count > 0; i++)
            offset += ranges[i].On(x.Shape[firstAxis + i]).First * x.Shape.Stride(firstAxis + i);

        StridedLoop loop = new(offset, 0);
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            int step = axis >= firstAxis && axis < firstAxis + ranges.Length ? ranges[axis - firstAxis].Step : 1;
            loop.Add(new StridedAxis(shape[axis], step * x.Shape.Stride(axis), shape.Stride(axis)));
        }

        return Rearranged(x, shape, loop, op);
    }
}
