using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y = Σ x over the axes named; of nothing, 0. Compensated: right to about the last digit however long the sum.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <returns>The kept axes; [1] when none is left.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public static Tensor Sum(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false) =>
        Reduce(x, axes, keepDims, (Mean: false, nameof(Sum)), SumSeries);

    /// <inheritdoc cref="Sum(Tensor, ReadOnlySpan{int}, bool)"/>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    public static Tensor Sum(Tensor x, int axis, bool keepDims = false) => Sum(x, [axis], keepDims);

    /// <summary>y = Σ x / n over the axes named, n their number of elements; of nothing, not a number. As exact as <c>Sum</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <returns>The kept axes; [1] when none is left.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public static Tensor Mean(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false) =>
        Reduce(x, axes, keepDims, (Mean: true, nameof(Mean)), SumSeries);

    /// <inheritdoc cref="Mean(Tensor, ReadOnlySpan{int}, bool)"/>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    public static Tensor Mean(Tensor x, int axis, bool keepDims = false) => Mean(x, [axis], keepDims);

    private static Tensor SumSeries(Tensor x, Slab slab, Shape shape, (bool Mean, string Op) how)
    {
        using var timing = Profiler.Time(op: how.Op);
        Tensor y = new(shape);
        float scale = how.Mean ? 1f / slab.Length : 1f;
        Fold(slab, x.ValueMemory, y.ValueMemory, FoldSum, FoldSum);
        if (how.Mean)
            Simd.Run(new ScaleForward { X = y, Factor = scale, Y = y });

        return Tape.Record(y, [x], (x, slab, scale, how.Mean), static (s, y) =>
        {
            PrepareGrads(s.x);
            ForSlabs(s.slab, (s.x, y, s.scale), static (s, piece, at, result) => Simd.Run(new SumBackward
            {
                Slab = piece,
                GradY = s.y.Grad[result..],
                Scale = s.scale,
                GradX = s.x.Grad[at..],
            }), cutsLength: true);
        }, inDouble: static (s, v) => EachSeries(v[0], s.slab, x => [s.Mean ? x.Sum() / x.Length : x.Sum()]), op: how.Op);
    }

    private static void FoldSum(Slab piece, ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y) =>
        Simd.Run(new SumForward<Itself> { Slab = piece, X = x, Y = y });

    private static void FoldSquares(Slab piece, ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y) =>
        Simd.Run(new SumForward<SquaredDeviation> { Slab = piece, X = x, Centre = centre, Y = y });
}
