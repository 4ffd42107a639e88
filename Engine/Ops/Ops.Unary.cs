using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y = f(x), element by element.</summary>
    /// <typeparam name="TOp">The function: its value and its slope.</typeparam>
    /// <param name="x">Any shape.</param>
    public static Tensor Unary<TOp>(Tensor x)
        where TOp : struct, IUnaryOp
    {
        ArgumentNullException.ThrowIfNull(x);
        using var timing = Profiler.Time(op: typeof(TOp).Name);
        Tensor y = Tensor.Like(x);
        RowParallel.For(x.Count, PieceFloats, (x, y), static (s, start, end) => Simd.Run(new UnaryForward<TOp>
        {
            X = s.x.Values[start..end],
            Y = s.y.Values[start..end],
        }));

        return Tape.Record(y, [x], x, static (x, y) =>
        {
            PrepareGrads(x);
            RowParallel.For(x.Count, PieceFloats, (x, y), static (s, start, end) => Simd.Run(new UnaryBackward<TOp>
            {
                X = s.x.Values[start..end],
                GradY = s.y.Grad[start..end],
                GradX = s.x.Grad[start..end],
            }));
        }, inDouble: static (_, v) => Array.ConvertAll(v[0], x => TOp.Value(DoubleLane.From(x)).Value), op: typeof(TOp).Name);
    }

    /// <summary>y = x * σ(x)</summary>
    public static Tensor Silu(Tensor x) => Unary<Silu>(x);

    /// <summary>y = 1 / (1 + e^-x)</summary>
    public static Tensor Sigmoid(Tensor x) => Unary<Sigmoid>(x);

    /// <summary>y = ln(1 + e^x), and x itself above 20.</summary>
    public static Tensor Softplus(Tensor x) => Unary<Softplus>(x);

    /// <summary>y = tanh x</summary>
    public static Tensor Tanh(Tensor x) => Unary<Tanh>(x);

    /// <summary>y = e^x</summary>
    public static Tensor Exp(Tensor x) => Unary<Exp>(x);

    /// <summary>A = -e^A_log: the decay rate of every head from its logarithm (Mamba2).</summary>
    public static Tensor NegExp(Tensor aLog) => Unary<NegExp>(aLog);
}
