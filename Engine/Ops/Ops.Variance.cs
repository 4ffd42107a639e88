using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = Σ (x - mean)² / (n - correction) over the axes named, n their number of elements; the mean first, then the
    /// deviations from it, so that a large mean costs no digits.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <param name="correction">1 for the estimate from a sample (Bessel), 0 for the variance of the elements themselves.</param>
    /// <returns>The kept axes; [1] when none is left. Not a number, or infinite, when n is not above the correction.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public static Tensor Variance(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false, int correction = 1) =>
        Reduce(x, axes, keepDims, (correction, Root: false, nameof(Variance)), VarianceOfSeries, atOnce: true);

    /// <inheritdoc cref="Variance(Tensor, ReadOnlySpan{int}, bool, int)"/>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    /// <param name="correction">1 for the estimate from a sample (Bessel), 0 for the variance of the elements themselves.</param>
    public static Tensor Variance(Tensor x, int axis, bool keepDims = false, int correction = 1) =>
        Variance(x, [axis], keepDims, correction);

    /// <summary>y = sqrt(Σ (x - mean)² / (n - correction)) over the axes named; its gradient is 0 where y is 0.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">Negative ones count from the end; all when empty.</param>
    /// <param name="keepDims">Whether reduced axes stay with a size of 1.</param>
    /// <param name="correction">1 for the estimate from a sample (Bessel), 0 for the deviation of the elements themselves.</param>
    /// <returns>The kept axes; [1] when none is left. Not a number, or infinite, when n is not above the correction.</returns>
    /// <exception cref="ArgumentException">An axis does not exist or is named twice.</exception>
    public static Tensor Std(Tensor x, ReadOnlySpan<int> axes = default, bool keepDims = false, int correction = 1) =>
        Reduce(x, axes, keepDims, (correction, Root: true, nameof(Std)), VarianceOfSeries, atOnce: true);

    /// <inheritdoc cref="Std(Tensor, ReadOnlySpan{int}, bool, int)"/>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="keepDims">Whether the axis stays with a size of 1.</param>
    /// <param name="correction">1 for the estimate from a sample (Bessel), 0 for the deviation of the elements themselves.</param>
    public static Tensor Std(Tensor x, int axis, bool keepDims = false, int correction = 1) => Std(x, [axis], keepDims, correction);

    private static Tensor VarianceOfSeries(Tensor x, Slab slab, Shape shape, (int Correction, bool Root, string Op) how)
    {
        using var timing = Profiler.Time(op: how.Op);
        Tensor y = new(shape);
        Memory<float> mean = Workspace.Rent(y.Count);
        Fold(slab, x.ValueMemory, mean, FoldSum, FoldSum);
        Simd.Run(new ScaleForward { X = mean.Span, Factor = 1f / slab.Length, Y = mean.Span });

        float weight = 1f / Math.Max(0, slab.Length - how.Correction);
        Fold(slab, x.ValueMemory, y.ValueMemory, FoldSquares, FoldSum, mean);
        Simd.Run(new ScaleForward { X = y, Factor = weight, Y = y });
        if (how.Root)
            TensorPrimitives.Sqrt(y.Values, y.Values);

        return Tape.Record(y, [x], (x, slab, mean, weight, how), static (s, y) =>
        {
            if (!s.how.Root)
            {
                SeriesGradients<Deviation>(s.x, s.slab, s.mean, y.GradMemory, 2f * s.weight);
                return;
            }

            // d sqrt(v) = dv / 2 sqrt(v)
            PrepareGrads(s.x);
            Memory<float> factor = Workspace.RentTemporary(y.Count, out Workspace.Mark mark);
            for (int i = 0; i < y.Count; i++)
                factor.Span[i] = y.Values[i] == 0f ? 0f : y.Grad[i] / y.Values[i];
            SeriesGradients<Deviation>(s.x, s.slab, s.mean, factor, s.weight);
            mark.Release();
        }, inDouble: static (s, v) => EachSeries(v[0], s.slab, x =>
        {
            double middle = x.Average(), variance = x.Sum(e => (e - middle) * (e - middle)) / (x.Length - s.how.Correction);
            return [s.how.Root ? Math.Sqrt(variance) : variance];
        }), op: how.Op);
    }
}
