using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int BiasCopies = 16;   // rows of heads taken together, so that the widest lanes have no tail

    /// <summary>
    /// The discretisation step of every token and head (Mamba2):  dt = clamp(softplus(raw + bias), low, high); no gradient
    /// flows where it is clamped.
    /// </summary>
    /// <param name="raw">[..., heads]</param>
    /// <param name="bias">[heads]</param>
    /// <param name="low">Lower limit.</param>
    /// <param name="high">Upper limit.</param>
    /// <returns>[..., heads]</returns>
    public static Tensor TimeStep(Tensor raw, Tensor bias, float low = 0f, float high = float.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(raw);
        ArgumentNullException.ThrowIfNull(bias);
        RequireLength(bias, nameof(bias), raw.Columns, raw, nameof(raw));
        if (!(low <= high))
            throw new ArgumentException($"The limits of dt are [{low}, {high}].", nameof(low));

        using var timing = Profiler.Time();
        Memory<float> copies = Workspace.Rent(BiasCopies * bias.Count);
        for (int i = 0; i < BiasCopies; i++)
            bias.Values.CopyTo(copies.Span[(i * bias.Count)..]);
        Tensor dt = Tensor.Like(raw);
        RowParallel.For(raw.Rows, Grain(raw.Columns), (raw, copies, low, high, dt), static (s, start, end) => Simd.Run(new TimeStepForward
        {
            Raw = s.raw.Rows(start, end),
            Bias = s.copies.Span,
            Low = s.low,
            High = s.high,
            Dt = s.dt.Rows(start, end),
        }));

        return Tape.Record(dt, [raw, bias], (raw, bias, copies, low, high), static (saved, dt) =>
        {
            PrepareGrads(saved.raw);
            int heads = saved.bias.NeedsGrad ? saved.bias.Count : 0;
            Span<float> gradCopies = Workspace.Rent(BiasCopies * heads).Span;
            gradCopies.Clear();
            RowParallel.ForWithSum(
                dt.Rows, Grain(dt.Columns), gradCopies, (saved, dt),
                static (s, start, end, gradBias) => Simd.Run(new TimeStepBackward
                {
                    GradDt = s.dt.GradRows(start, end),
                    Raw = s.saved.raw.Rows(start, end),
                    Bias = s.saved.copies.Span,
                    Dt = s.dt.Rows(start, end),
                    Low = s.saved.low,
                    High = s.saved.high,
                    GradRaw = s.saved.raw.GradRows(start, end),
                    GradBias = gradBias,
                }));
            for (int i = 0; i < gradCopies.Length; i += heads)
                Simd.Run(new AddScaled { X = gradCopies.Slice(i, heads), Y = saved.bias.Grad });
        }, inDouble: static (saved, v) => TimeStepInDouble(v[0], v[1], saved.low, saved.high));
    }

    private static double[] TimeStepInDouble(double[] raw, double[] bias, double low, double high)
    {
        double[] dt = new double[raw.Length];
        for (int i = 0; i < dt.Length; i++)
        {
            double x = raw[i] + bias[i % bias.Length];
            dt[i] = Math.Clamp(x > 20 ? x : Math.Log(1 + Math.Exp(x)), low, high);
        }

        return dt;
    }
}
