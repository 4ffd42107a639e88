using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// The norm in front of out_proj (Mamba2, Dao and Gu 2024, section 7.1):  v = y * silu(z),  out = v * rstd(v) * weight,
    /// rstd(v) = 1 / sqrt(mean(v²) + eps) over each group of the last axis.
    /// </summary>
    /// <param name="y">[..., dim]</param>
    /// <param name="z">[..., dim], the gate before its SiLU.</param>
    /// <param name="weight">[dim]</param>
    /// <param name="groupSize">Elements normalised together; 0 for the whole row.</param>
    /// <param name="eps">Added to the mean square.</param>
    /// <param name="normBeforeGate">True for out = y * rstd(y) * weight * silu(z).</param>
    /// <returns>[..., dim]</returns>
    public static Tensor GatedRmsNorm(
        Tensor y, Tensor z, Tensor weight, int groupSize = 0, float eps = 1e-5f, bool normBeforeGate = false)
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(z);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentOutOfRangeException.ThrowIfNegative(groupSize);
        RequireSameShape(y, nameof(y), z, nameof(z));
        RequireLength(weight, nameof(weight), y.Columns, y, nameof(y));
        int size = Math.Max(1, groupSize == 0 ? y.Columns : groupSize);
        if (y.Columns % size != 0)
            throw new ArgumentException($"y is {y.Shape}: its rows do not divide into groups of {size}.", nameof(groupSize));

        using var timing = Profiler.Time();
        Tensor result = Tensor.Like(y);
        int groups = y.Columns / size;
        Memory<float> rstd = Workspace.Rent(y.Rows * groups);
        RowParallel.For(
            y.Rows, Grain(y.Columns), (y, z, weight, size, eps, normBeforeGate, result, rstd, groups),
            static (s, start, end) => Simd.Run(new GatedRmsNormForward
            {
                Y = s.y.Rows(start, end),
                Z = s.z.Rows(start, end),
                Weight = s.weight,
                GroupSize = s.size,
                Eps = s.eps,
                NormBeforeGate = s.normBeforeGate,
                Out = s.result.Rows(start, end),
                Rstd = s.rstd.Span[(start * s.groups)..(end * s.groups)],
            }));

        return Tape.Record(result, [y, z, weight], (y, z, weight, size, eps, normBeforeGate, rstd, groups), static (saved, result) =>
        {
            bool isFirstY = ClearsInParts(saved.y), isFirstZ = ClearsInParts(saved.z);
            RowParallel.ForWithSum(
                saved.y.Rows, SumGrain(saved.y.Columns), saved.weight.Grad, (saved, result, isFirstY, isFirstZ),
                static (s, start, end, gradWeight) => Simd.Run(new GatedRmsNormBackward
                {
                    GradOut = s.result.GradRows(start, end),
                    Out = s.result.Rows(start, end),
                    Y = s.saved.y.Rows(start, end),
                    Z = s.saved.z.Rows(start, end),
                    Weight = s.saved.weight,
                    GroupSize = s.saved.size,
                    NormBeforeGate = s.saved.normBeforeGate,
                    Rstd = s.saved.rstd.Span[(start * s.saved.groups)..(end * s.saved.groups)],
                    GradY = s.saved.y.GradRows(start, end, s.isFirstY),
                    GradZ = s.saved.z.GradRows(start, end, s.isFirstZ),
                    GradWeight = gradWeight,
                }));
        }, inDouble: static (saved, v) => GatedRmsNormInDouble(v[0], v[1], v[2], saved.size, saved.eps, saved.normBeforeGate));
    }

    private static double[] GatedRmsNormInDouble(double[] y, double[] z, double[] weight, int size, double eps, bool normBeforeGate)
    {
        double[] gate = Array.ConvertAll(z, v => v / (1 + Math.Exp(-v))), result = new double[y.Length];
        for (int start = 0; start < y.Length; start += size)
        {
            double squares = 0;
            for (int i = start; i < start + size; i++)
                squares += Math.Pow(normBeforeGate ? y[i] : y[i] * gate[i], 2);
            double rstd = 1 / Math.Sqrt(squares / size + eps);
            for (int i = start; i < start + size; i++)
                result[i] = y[i] * gate[i] * rstd * weight[i % weight.Length];
        }

        return result;
    }
}
