using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = max x over the axes named. Not-a-number among the elements is the result, as in numpy. The gradient goes to the
    /// first of equal elements.
    /// </summary>
    /// <param name="x">Any shape; the axes must have elements.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <returns>The kept axes; [1] when none is left.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice, or there is nothing to choose from.</exception>
    public static Tensor Max(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false) =>
        Reduce(x, axes, keepDims, nameof(Max), ExtremeOfSeries<Largest>);

    /// <inheritdoc cref="Max(Tensor, ReadOnlySpan{int}, bool)"/>
    /// <param name="x">Any shape; the axis must have elements.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    public static Tensor Max(Tensor x, int axis, bool keepDims = false) => Max(x, [axis], keepDims);

    /// <summary>
    /// y = min x over the axes named. Not-a-number among the elements is the result, as in numpy. The gradient goes to the
    /// first of equal elements.
    /// </summary>
    /// <param name="x">Any shape; the axes must have elements.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <returns>The kept axes; [1] when none is left.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice, or there is nothing to choose from.</exception>
    public static Tensor Min(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false) =>
        Reduce(x, axes, keepDims, nameof(Min), ExtremeOfSeries<Smallest>);

    /// <inheritdoc cref="Min(Tensor, ReadOnlySpan{int}, bool)"/>
    /// <param name="x">Any shape; the axis must have elements.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    public static Tensor Min(Tensor x, int axis, bool keepDims = false) => Min(x, [axis], keepDims);

    /// <summary>Where along an axis the largest element stands: the first of equal ones, the first not-a-number if there is one.</summary>
    /// <param name="x">Any shape; the axis must have elements.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <returns>One index for each element of x's shape without that axis, row-major.</returns>
    /// <exception cref="ArgumentException">The axis does not exist or has no elements.</exception>
    public static int[] ArgMax(Tensor x, int axis = -1) => IndexAlong<Largest>(x, axis);

    /// <inheritdoc cref="ArgMax(Tensor, int)"/>
    /// <param name="x">Any shape; the axis must have elements.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="indices">Gets an index for each element of x's shape without that axis, row-major.</param>
    public static void ArgMax(Tensor x, int axis, Span<int> indices) => IndexAlong<Largest>(x, axis, indices);

    /// <summary>Where along an axis the smallest element stands: the first of equal ones, the first not-a-number if there is one.</summary>
    /// <param name="x">Any shape; the axis must have elements.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <returns>One index for each element of x's shape without that axis, row-major.</returns>
    /// <exception cref="ArgumentException">The axis does not exist or has no elements.</exception>
    public static int[] ArgMin(Tensor x, int axis = -1) => IndexAlong<Smallest>(x, axis);

    /// <inheritdoc cref="ArgMin(Tensor, int)"/>
    /// <param name="x">Any shape; the axis must have elements.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="indices">Gets an index for each element of x's shape without that axis, row-major.</param>
    public static void ArgMin(Tensor x, int axis, Span<int> indices) => IndexAlong<Smallest>(x, axis, indices);

    private static Tensor ExtremeOfSeries<TOrder>(Tensor x, Slab slab, Shape shape, string op)
        where TOrder : struct, IOrder
    {
        RequireElements(x, slab, op);
        using var timing = Profiler.Time(op: op);
        Tensor y = new(shape);
        Fold(slab, x.ValueMemory, y.ValueMemory, FoldExtreme<TOrder>, FoldExtreme<TOrder>);
        return Tape.Record(y, [x], (x, slab), static (s, y) =>
        {
            PrepareGrads(s.x);
            ForSlabs(s.slab, (s.x, y), static (s, piece, at, result) => Simd.Run(new ExtremeBackward
            {
                Slab = piece,
                X = s.x.Values[at..],
                Y = s.y.Values[result..],
                GradY = s.y.Grad[result..],
                GradX = s.x.Grad[at..],
            }));
        }, inDouble: static (s, v) => EachSeries(v[0], s.slab, x => [TOrder.Worst > 0 ? x.Min() : x.Max()]), op: op);
    }

    private static int[] IndexAlong<TOrder>(Tensor x, int axis, [CallerMemberName] string op = "")
        where TOrder : struct, IOrder
    {
        ArgumentNullException.ThrowIfNull(x);
        Slab slab = Along(x.Shape, axis);
        int[] indices = new int[slab.Outer * slab.Inner];
        IndexAlong<TOrder>(x, axis, indices, op);
        return indices;
    }

    private static void IndexAlong<TOrder>(Tensor x, int axis, Span<int> indices, [CallerMemberName] string op = "")
        where TOrder : struct, IOrder
    {
        ArgumentNullException.ThrowIfNull(x);
        Slab slab = Along(x.Shape, axis);
        RequireElements(x, slab, op);
        int count = slab.Outer * slab.Inner;
        if (indices.Length != count)
        {
            throw new ArgumentException(
                $"{op} of {x.Shape} along axis {axis} gives {count} indices; there is room for {indices.Length}.", nameof(indices));
        }


        using var timing = Profiler.Time(op: op);
        Memory<float> best = Workspace.RentTemporary(2 * count, out Workspace.Mark mark);
        Memory<float> found = best[count..];   // whole numbers in the place of floats: a span cannot go to other threads
        Fold(slab, x.ValueMemory, best[..count], FoldExtreme<TOrder>, FoldExtreme<TOrder>);
        ForSlabs(slab, (x, best, found), static (s, piece, at, result) => Simd.Run(new ExtremeIndex
        {
            Slab = piece,
            X = s.x.Values[at..],
            Y = s.best.Span[result..],
            Index = MemoryMarshal.Cast<float, int>(s.found.Span[result..]),
        }));
        MemoryMarshal.Cast<float, int>(found.Span).CopyTo(indices);
        mark.Release();
    }

    private static void RequireElements(Tensor x, Slab slab, string op)
    {
        if (slab.Length == 0)
            throw new ArgumentException($"{op} over an axis without elements; x is {x.Shape}.", nameof(x));
    }

    private static void FoldExtreme<TOrder>(Slab piece, ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y)
        where TOrder : struct, IOrder =>
        Simd.Run(new ExtremeForward<TOrder> { Slab = piece, X = x, Y = y });
}
