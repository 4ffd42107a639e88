using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y = Π x over the axes named; of nothing, 1. The gradient is right with zeros among the factors.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <returns>The kept axes; [1] when none is left.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public static Tensor Prod(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false) =>
        Reduce(x, axes, keepDims, nameof(Prod), ProdOfSeries);

    /// <inheritdoc cref="Prod(Tensor, ReadOnlySpan{int}, bool)"/>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    public static Tensor Prod(Tensor x, int axis, bool keepDims = false) => Prod(x, [axis], keepDims);

    private static Tensor ProdOfSeries(Tensor x, Slab slab, Shape shape, string op)
    {
        using var timing = Profiler.Time(op: op);
        Tensor y = new(shape);
        Fold(slab, x.ValueMemory, y.ValueMemory, FoldProd, FoldProd);
        return Tape.Record(y, [x], (x, slab), static (s, y) =>
        {
            PrepareGrads(s.x);
            ForSlabs(s.slab, (s.x, y), static (s, piece, at, result) => Simd.Run(new ProdBackward
            {
                Slab = piece,
                X = s.x.Values[at..],
                GradY = s.y.Grad[result..],
                GradX = s.x.Grad[at..],
                Scratch = ThreadScratch.Take(piece.Length * Simd.Lanes),
            }));
        }, inDouble: static (s, v) => EachSeries(v[0], s.slab, x => [x.Aggregate(1.0, (a, b) => a * b)]), op: op);
    }

    private static void FoldProd(Slab piece, ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y) =>
        Simd.Run(new ProdForward { Slab = piece, X = x, Y = y });
}
