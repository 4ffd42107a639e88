using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = (x - mean) * rstd * weight + bias,  rstd = 1 / sqrt(var + eps), with the mean and the biased variance over the last axis
    /// (Ba, Kiros and Hinton 2016). The variance is taken in a second pass over centred values.
    /// </summary>
    /// <param name="x">[..., dim]</param>
    /// <param name="weight">[dim], or null for ones.</param>
    /// <param name="bias">[dim], or null for zeros.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <returns>[..., dim]</returns>
    /// <exception cref="ArgumentException">weight or bias does not have dim elements.</exception>
    public static Tensor LayerNorm(Tensor x, Tensor? weight = null, Tensor? bias = null, float eps = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (weight is not null)
            RequireLength(weight, nameof(weight), x.Columns, x, nameof(x));
        if (bias is not null)
            RequireLength(bias, nameof(bias), x.Columns, x, nameof(x));

        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        Tensor moments = new(x.Rows, 2);
        RowParallel.For(x.Rows, Grain(x.Columns), (x, weight, bias, eps, y, moments), static (s, start, end) => Simd.Run(new LayerNormForward
        {
            X = s.x.Rows(start, end),
            Weight = s.weight is null ? [] : s.weight.Values,
            Bias = s.bias is null ? [] : s.bias.Values,
            Eps = s.eps,
            Y = s.y.Rows(start, end),
            Moments = s.moments.Rows(start, end),
        }));

        return Tape.Record(y, [x, weight ?? x, bias ?? x], (x, weight, bias, moments, eps), static (saved, y) =>
        {
            bool isFirst = ClearsInParts(saved.x);
            PrepareGrads(saved.weight, saved.bias);
            int dim = saved.x.Columns;
            int weights = saved.weight is { NeedsGrad: true } ? dim : 0, biases = saved.bias is { NeedsGrad: true } ? dim : 0;
            Span<float> sums = Workspace.RentTemporary(weights + biases, out Workspace.Mark mark).Span;
            sums.Clear();
            RowParallel.ForWithSum(
                saved.x.Rows, SumGrain(dim), sums, (saved.x, saved.weight, saved.moments, weights, y, isFirst),
                static (s, start, end, sum) => Simd.Run(new LayerNormBackward
                {
                    GradY = s.y.GradRows(start, end),
                    X = s.x.Rows(start, end),
                    Weight = s.weight is null ? [] : s.weight.Values,
                    Moments = s.moments.Rows(start, end),
                    GradX = s.x.GradRows(start, end, s.isFirst),
                    GradWeight = sum[..s.weights],
                    GradBias = sum[s.weights..],
                }));
            if (weights > 0)
                Simd.Run(new AddScaled { X = sums[..weights], Y = saved.weight!.Grad });
            if (biases > 0)
                Simd.Run(new AddScaled { X = sums[weights..], Y = saved.bias!.Grad });
            mark.Release();
        }, inDouble: static (saved, v) => LayerNormInDouble(
            v[0], saved.x.Columns, saved.weight is null ? null : v[1], saved.bias is null ? null : v[2], saved.eps));
    }

    private static double[] LayerNormInDouble(double[] x, int dim, double[]? weight, double[]? bias, double eps)
    {
        double[] y = new double[x.Length];
        for (int row = 0; row < x.Length; row += dim)
        {
            double mean = x[row..(row + dim)].Average();
            double variance = x[row..(row + dim)].Average(v => (v - mean) * (v - mean));
            for (int i = 0; i < dim; i++)
                y[row + i] = (x[row + i] - mean) / Math.Sqrt(variance + eps) * (weight?[i] ?? 1) + (bias?[i] ?? 0);
        }

        return y;
    }
}
