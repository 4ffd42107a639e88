using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>The squared error (a - b)², its mean over all elements, or their sum.</summary>
    /// <param name="a">Any shape.</param>
    /// <param name="b">The same shape.</param>
    /// <param name="reduction">What becomes of the elements.</param>
    /// <returns>[1], or the shape of a and b with <see cref="Reduction.None"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor Mse(Tensor a, Tensor b, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        RequireSameShape(a, nameof(a), b, nameof(b));
        if (reduction == Reduction.None)
            return Square(Sub(a, b));

        using var timing = Profiler.Time();
        Tensor difference = BinaryValue(a, b, default(Sub));
        float factor = reduction == Reduction.Mean ? 1f / Math.Max(1, a.Count) : 1f;
        Span<float> sum = [0f];
        RowParallel.ForWithSum(a.Count, PieceFloats, sum, difference, static (difference, start, end, partial) =>
        {
            double squares = 0;
            Simd.Run(new SquaredNorm { X = difference.Values[start..end], Sum = new Span<double>(ref squares) });
            partial[0] = (float)squares;
        });

        return Tape.Record(Tensor.From([factor * sum[0]], 1), [a, b], (a, b, difference, factor), static (saved, loss) =>
        {
            AddToGrad(saved.a, saved.difference.ValueMemory, 2f * saved.factor * loss.Grad[0]);
            AddToGrad(saved.b, saved.difference.ValueMemory, -2f * saved.factor * loss.Grad[0]);
        }, inDouble: static (saved, v) => [saved.factor * v[0].Zip(v[1], (a, b) => (a - b) * (a - b)).Sum()]);
    }
}
