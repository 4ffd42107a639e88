using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y_i = x_0 + ... + x_i along an axis, or x_i + ... + x_last in reverse; compensated, so that long sums keep their digits.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <param name="reverse">Whether to sum from the end.</param>
    /// <returns>The shape of x.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor CumSum(Tensor x, int axis = -1, bool reverse = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        Slab slab = Along(x.Shape, axis);
        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        ForSlabs(slab, (x, y, reverse), static (s, piece, at, _) => Simd.Run(new CumSum
        {
            Slab = piece,
            X = s.x.Values[at..],
            Reverse = s.reverse,
            Y = s.y.Values[at..],
        }));

        return Tape.Record(y, [x], (x, slab, reverse), static (s, y) =>
        {
            PrepareGrads(s.x);
            ForSlabs(s.slab, (s.x, y, s.reverse), static (s, piece, at, _) => Simd.Run(new CumSum
            {
                Slab = piece,
                X = s.y.Grad[at..],
                Reverse = !s.reverse,
                Y = s.x.Grad[at..],
                Accumulate = true,
            }));
        }, inDouble: static (s, v) => EachSeries(v[0], s.slab, x =>
        {
            double[] y = new double[x.Length];
            double sum = 0;
            for (int i = 0; i < y.Length; i++)
            {
                int at = s.reverse ? y.Length - 1 - i : i;
                y[at] = sum += x[at];
            }

            return y;
        }));
    }
}
