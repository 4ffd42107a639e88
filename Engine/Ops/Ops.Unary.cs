using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>y = f(x), element by element.</summary>
    /// <typeparam name="TOp">The function: its value and its slope.</typeparam>
    /// <param name="x">Any shape.</param>
    /// <param name="op">The function's constants, if it has any.</param>
    public static Tensor Unary<TOp>(Tensor x, TOp op = default)
        where TOp : struct, IUnaryOp => Unary(x, op, typeof(TOp).Name);

    private static Tensor Unary<TOp>(Tensor x, TOp op, string name)
        where TOp : struct, IUnaryOp
    {
        ArgumentNullException.ThrowIfNull(x);
        using var timing = Profiler.Time(op: name);
        Tensor y = Tensor.Like(x);
        RowParallel.For(x.Count, PieceFloats, (x, op, y), static (s, start, end) => Simd.Run(new UnaryForward<TOp>
        {
            Op = s.op,
            X = s.x.Values[start..end],
            Y = s.y.Values[start..end],
        }));

        return Tape.Record(y, [x], (x, op), static (saved, y) =>
        {
            bool isFirst = ClearsInParts(saved.x);
            RowParallel.For(y.Count, PieceFloats, (saved.x, saved.op, y, isFirst), static (s, start, end) => Simd.Run(new UnaryBackward<TOp>
            {
                Op = s.op,
                X = s.x.Values[start..end],
                GradY = s.y.Grad[start..end],
                GradX = s.x.GradPart(start, end, s.isFirst),
            }));
        }, inDouble: static (saved, v) => Array.ConvertAll(v[0], x => saved.op.Value(DoubleLane.From(x)).Value), op: name);
    }

    /// <summary>y = x * σ(x)</summary>
    public static Tensor Silu(Tensor x) => Unary<Silu>(x);

    /// <summary>y = 1 / (1 + e^-x)</summary>
    public static Tensor Sigmoid(Tensor x) => Unary<Sigmoid>(x);

    /// <summary>y = ln σ(x) = min(x, 0) - ln(1 + e^-|x|)</summary>
    public static Tensor LogSigmoid(Tensor x) => Unary<LogSigmoid>(x);

    /// <summary>y = ln(1 + e^x), and x itself above 20.</summary>
    public static Tensor Softplus(Tensor x) => Unary<Softplus>(x);

    /// <summary>y = tanh x</summary>
    public static Tensor Tanh(Tensor x) => Unary<Tanh>(x);

    /// <summary>y = x Φ(x) with the standard normal distribution Φ(x) = (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel 2016).</summary>
    public static Tensor Gelu(Tensor x) => Unary<Gelu>(x);

    /// <summary>y = x / 2 (1 + tanh(sqrt(2 / π) (x + 0.044715 x³))), close to <see cref="Gelu"/> (Hendrycks and Gimpel 2016).</summary>
    public static Tensor GeluTanh(Tensor x) => Unary<GeluTanh>(x);

    /// <summary>y = max(x, 0), NaN at NaN; the gradient at 0 is 0.</summary>
    public static Tensor Relu(Tensor x) => Unary<Relu>(x);

    /// <summary>y = min(max(x, low), high), NaN at NaN; the gradient is 1 inside and at both bounds, 0 outside.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="min">low</param>
    /// <param name="max">high</param>
    /// <exception cref="ArgumentException">low is above high, or one of them is NaN.</exception>
    public static Tensor Clamp(Tensor x, float min = float.NegativeInfinity, float max = float.PositiveInfinity) =>
        min <= max
            ? Unary(x, new Clamp(min, max))
            : throw new ArgumentException($"min is {min}, max is {max}; min must not be above max.", nameof(min));

    /// <summary>y = |x|; the gradient at 0 is 0.</summary>
    public static Tensor Abs(Tensor x) => Unary<Abs>(x);

    /// <summary>y = -x</summary>
    public static Tensor Neg(Tensor x) => Unary<Neg>(x);

    /// <summary>y = e^x</summary>
    public static Tensor Exp(Tensor x) => Unary<Exp>(x);

    /// <summary>A = -e^A_log: the decay rate of every head from its logarithm (Mamba2).</summary>
    public static Tensor NegExp(Tensor aLog) => Unary<NegExp>(aLog);

    /// <summary>y = ln x; -infinity at 0, NaN below.</summary>
    public static Tensor Log(Tensor x) => Unary<Log>(x);

    /// <summary>y = x²</summary>
    public static Tensor Square(Tensor x) => Unary<Square>(x);

    /// <summary>y = sqrt x; NaN below 0. The gradient at 0 is infinite.</summary>
    public static Tensor Sqrt(Tensor x) => Unary<Sqrt>(x);

    /// <summary>y = 1 / sqrt x; infinity at 0, NaN below.</summary>
    public static Tensor Rsqrt(Tensor x) => Unary<Rsqrt>(x);

    /// <summary>y = x^p, NaN where x is negative and p broken; x^0 is 1 for every x, with gradient 0.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="exponent">p, a constant.</param>
    public static Tensor Pow(Tensor x, float exponent) => exponent == 2f ? Square(x) : Unary(x, new Pow(exponent));
}
