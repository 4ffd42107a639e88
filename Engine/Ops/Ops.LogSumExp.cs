using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y = ln Σ e^x over the axes named, without overflow; -inf when all elements are, or there are none.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <returns>The kept axes; [1] when none is left.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public static Tensor LogSumExp(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false) =>
        Reduce(x, axes, keepDims, nameof(LogSumExp), LogSumExpOfSeries);

    /// <inheritdoc cref="LogSumExp(Tensor, ReadOnlySpan{int}, bool)"/>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    public static Tensor LogSumExp(Tensor x, int axis, bool keepDims = false) => LogSumExp(x, [axis], keepDims);

    private static Tensor LogSumExpOfSeries(Tensor x, Slab slab, Shape shape, string op)
    {
        using var timing = Profiler.Time(op: op);
        Tensor y = new(shape);
        Fold(slab, x.ValueMemory, y.ValueMemory, FoldLogSumExp, FoldLogSumExp);
        return Tape.Record(
            y, [x], (x, slab), static (s, y) => SeriesGradients<Share>(s.x, s.slab, y.ValueMemory, y.GradMemory),
            inDouble: static (s, v) => EachSeries(v[0], s.slab, x => [LogSumExpInDouble(x)]), op: op);
    }

    private static double LogSumExpInDouble(double[] x)
    {
        double largest = x.Max();
        return largest + Math.Log(x.Sum(e => Math.Exp(e - largest)));
    }

    private static void FoldLogSumExp(Slab piece, ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y) =>
        Simd.Run(new LogSumExpForward { Slab = piece, X = x, Y = y });

    /// <summary>grad_x += scale * grad_y * slope(x, found)</summary>
    private static void SeriesGradients<TSlope>(Tensor x, Slab slab, Memory<float> found, Memory<float> gradY, float scale = 1f)
        where TSlope : struct, ISeriesSlope
    {
        PrepareGrads(x);
        ForSlabs(slab, (x, found, gradY, scale), static (s, piece, at, result) => Simd.Run(new SeriesBackward<TSlope>
        {
            Slab = piece,
            X = s.x.Values[at..],
            Found = s.found.Span[result..],
            GradY = s.gradY.Span[result..],
            Scale = s.scale,
            GradX = s.x.Grad[at..],
        }), cutsLength: true);
    }
}
