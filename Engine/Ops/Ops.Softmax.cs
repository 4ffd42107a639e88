using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = e^x / Σ e^x along an axis, measured from the largest element, so that nothing overflows. Elements of -inf get 0 and
    /// no gradient; where all are, the result is not a number, as in PyTorch.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <returns>The shape of x.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor Softmax(Tensor x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        Slab slab = Along(x.Shape, axis);
        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        ForSlabs(slab, (x, y), static (s, piece, at, _) => Simd.Run(new SoftmaxForward
        {
            Slab = piece,
            X = s.x.Values[at..],
            Y = s.y.Values[at..],
        }));

        return Tape.Record(y, [x], (x, slab), static (s, y) =>
        {
            bool isFirst = s.slab.Inner == 1 && ClearsInParts(s.x);
            PrepareGrads(s.x);
            ForSlabs(s.slab, (s.x, y, isFirst), static (s, piece, at, _) => Simd.Run(new SoftmaxBackward
            {
                Slab = piece,
                Y = s.y.Values[at..],
                GradY = s.y.Grad[at..],
                GradX = s.isFirst ? s.x.GradPart(at, at + piece.Outer * piece.Length, isFirst: true) : s.x.Grad[at..],
            }));
        }, inDouble: static (s, v) => EachSeries(v[0], s.slab, x =>
        {
            double logZ = LogSumExpInDouble(x);
            return Array.ConvertAll(x, value => Math.Exp(value - logZ));
        }));
    }

    /// <summary>
    /// y = x - ln Σ e^x along an axis, measured from the largest element. Elements of -inf stay so and get a gradient of their
    /// own only; where all are, the result is not a number, as in PyTorch.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">A negative one counts from the end.</param>
    /// <returns>The shape of x.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public static Tensor LogSoftmax(Tensor x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        Slab slab = Along(x.Shape, axis);
        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        ForSlabs(slab, (x, y), static (s, piece, at, _) => Simd.Run(new LogSoftmaxForward
        {
            Slab = piece,
            X = s.x.Values[at..],
            Y = s.y.Values[at..],
        }));

        return Tape.Record(y, [x], (x, slab), static (s, y) =>
        {
            bool isFirst = s.slab.Inner == 1 && ClearsInParts(s.x);
            PrepareGrads(s.x);
            ForSlabs(s.slab, (s.x, y, isFirst), static (s, piece, at, _) => Simd.Run(new LogSoftmaxBackward
            {
                Slab = piece,
                Y = s.y.Values[at..],
                GradY = s.y.Grad[at..],
                GradX = s.isFirst ? s.x.GradPart(at, at + piece.Outer * piece.Length, isFirst: true) : s.x.Grad[at..],
            }));
        }, inDouble: static (s, v) => EachSeries(v[0], s.slab, x =>
        {
            double logZ = LogSumExpInDouble(x);
            return Array.ConvertAll(x, value => value - logZ);
        }));
    }
}
