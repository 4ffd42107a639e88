using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y = sqrt(Σ x²) over the axes named, the Euclidean norm; its gradient is x / y, and 0 where y is 0.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <returns>The kept axes; [1] when none is left.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public static Tensor Norm(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false) =>
        Reduce(x, axes, keepDims, nameof(Norm), NormOfSeries);

    /// <inheritdoc cref="Norm(Tensor, ReadOnlySpan{int}, bool)"/>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    public static Tensor Norm(Tensor x, int axis, bool keepDims = false) => Norm(x, [axis], keepDims);

    private static Tensor NormOfSeries(Tensor x, Slab slab, Shape shape, string op)
    {
        using var timing = Profiler.Time(op: op);
        Tensor y = new(shape);
        Fold(slab, x.ValueMemory, y.ValueMemory, FoldSquares, FoldSum);
        TensorPrimitives.Sqrt(y.Values, y.Values);
        return Tape.Record(
            y, [x], (x, slab), static (s, y) => SeriesGradients<Direction>(s.x, s.slab, y.ValueMemory, y.GradMemory),
            inDouble: static (s, v) => EachSeries(v[0], s.slab, x => [Math.Sqrt(x.Sum(e => e * e))]), op: op);
    }
}
