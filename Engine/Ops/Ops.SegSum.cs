using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y[i, j] = x_(j+1) + ... + x_i for j ≤ i (0 on the diagonal), -inf for j > i: the logarithms of the decays between any two
    /// tokens, which is what e^y multiplies in the scan (listing "segsum" of the Mamba-2 paper). Gradients count where y is finite.
    /// </summary>
    /// <param name="x">[..., T]</param>
    /// <returns>[..., T, T]</returns>
    public static Tensor SegSum(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int time = x.Columns, grain = Grain(checked(time * time));
        using var timing = Profiler.Time();
        Tensor y = new([.. x.Shape.Dims, time]);
        RowParallel.For(x.Rows, grain, (x, y, time), static (s, start, end) => Simd.Run(new SegSumForward
        {
            Length = s.time,
            X = s.x.Rows(start, end),
            Y = s.y.Rows(start * s.time, end * s.time),
        }));

        return Tape.Record(y, [x], (x, time, grain), static (s, y) =>
        {
            PrepareGrads(s.x);
            RowParallel.For(s.x.Rows, s.grain, (s.x, y, s.time), static (s, start, end) => Simd.Run(new SegSumBackward
            {
                Length = s.time,
                Y = s.y.Rows(start * s.time, end * s.time),
                GradY = s.y.GradRows(start * s.time, end * s.time),
                GradX = s.x.GradRows(start, end),
                Scratch = ThreadScratch.Take(s.time),
            }));
        }, inDouble: static (s, v) => SegSumInDouble(v[0], s.time));
    }

    private static double[] SegSumInDouble(double[] x, int time)
    {
        double[] y = new double[x.Length * time];
        for (int at = 0; at < y.Length; at++)
        {
            (int i, int j) = (at / time % time, at % time);
            y[at] = j > i ? double.NegativeInfinity : j == i ? 0.0 : y[at - time] + x[at / time];
        }

        return y;
    }
}
