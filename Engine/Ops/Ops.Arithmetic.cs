using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>a + b</summary>
    /// <param name="a">Any shape.</param>
    /// <param name="b">The same shape.</param>
    public static Tensor Add(Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        RequireSameShape(a, nameof(a), b, nameof(b));
        using var timing = Profiler.Time();
        Tensor sum = Tensor.Like(a);
        RowParallel.For(a.Count, PieceFloats, (a, b, sum), static (s, start, end) => Simd.Run(new AddForward
        {
            A = s.a.Values[start..end],
            B = s.b.Values[start..end],
            Sum = s.sum.Values[start..end],
        }));

        return Tape.Record(sum, [a, b], (a, b), static (saved, sum) =>
        {
            AddToGrad(saved.a, sum, 1f);
            AddToGrad(saved.b, sum, 1f);
        }, inDouble: static (_, v) => [.. v[0].Zip(v[1], (a, b) => a + b)]);
    }

    /// <summary>factor * x</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="factor">A constant.</param>
    public static Tensor Scale(Tensor x, float factor)
    {
        ArgumentNullException.ThrowIfNull(x);
        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        RowParallel.For(x.Count, PieceFloats, (x, factor, y), static (s, start, end) => Simd.Run(new ScaleForward
        {
            X = s.x.Values[start..end],
            Factor = s.factor,
            Y = s.y.Values[start..end],
        }));

        return Tape.Record(
            y, [x], (x, factor), static (saved, y) => AddToGrad(saved.x, y, saved.factor),
            inDouble: static (saved, v) => Array.ConvertAll(v[0], x => saved.factor * x));
    }

    /// <summary>grad_x += factor * grad_y</summary>
    private static void AddToGrad(Tensor x, Tensor y, float factor)
    {
        if (!x.NeedsGrad)
            return;
        PrepareGrads(x);
        RowParallel.For(x.Count, PieceFloats, (x, y, factor), static (s, start, end) => Simd.Run(new AddScaled
        {
            X = s.y.Grad[start..end],
            Scale = s.factor,
            Y = s.x.Grad[start..end],
        }));
    }
}
