using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y = x * rstd * weight,  rstd = 1 / sqrt(mean(x²) + eps) over the last axis (Zhang and Sennrich 2019).</summary>
    /// <param name="x">[..., dim]</param>
    /// <param name="weight">[dim]</param>
    /// <param name="eps">Added to the mean square.</param>
    /// <returns>[..., dim]</returns>
    public static Tensor RmsNorm(Tensor x, Tensor weight, float eps = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireLength(weight, nameof(weight), x.Columns, x, nameof(x));

        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        Memory<float> rstd = Workspace.Rent(x.Rows);
        RowParallel.For(x.Rows, Grain(x.Columns), (x, weight, eps, y, rstd), static (s, start, end) => Simd.Run(new RmsNormForward
        {
            X = s.x.Rows(start, end),
            Weight = s.weight,
            Eps = s.eps,
            Y = s.y.Rows(start, end),
            Rstd = s.rstd.Span[start..end],
        }));

        return Tape.Record(y, [x, weight], (x, weight, rstd, eps), static (saved, y) =>
        {
            bool isFirst = ClearsInParts(saved.x);
            RowParallel.ForWithSum(
                saved.x.Rows, SumGrain(saved.x.Columns), saved.weight.Grad, (saved.x, saved.weight, saved.rstd, y, isFirst),
                static (s, start, end, gradWeight) => Simd.Run(new RmsNormBackward
                {
                    GradY = s.y.GradRows(start, end),
                    X = s.x.Rows(start, end),
                    Weight = s.weight,
                    Rstd = s.rstd.Span[start..end],
                    GradX = s.x.GradRows(start, end, s.isFirst),
                    GradWeight = gradWeight,
                }));
        }, inDouble: static (saved, v) => RmsNormInDouble(v[0], v[1], saved.eps));
    }

    private static double[] RmsNormInDouble(double[] x, double[] weight, double eps)
    {
        int dim = weight.Length;
        double[] y = new double[x.Length];
        for (int row = 0; row < x.Length; row += dim)
        {
            double squares = 0;
            for (int i = 0; i < dim; i++)
                squares += x[row + i] * x[row + i];
            double rstd = 1 / Math.Sqrt(squares / dim + eps);
            for (int i = 0; i < dim; i++)
                y[row + i] = x[row + i] * rstd * weight[i];
        }

        return y;
    }
}
