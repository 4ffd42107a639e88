using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>a + b, broadcast as <see cref="Binary"/> does.</summary>
    public static Tensor Add(Tensor a, Tensor b) => Binary<Add>(a, b);

    /// <summary>x + c for a constant c.</summary>
    public static Tensor Add(Tensor x, float c) => Unary(x, new WithB<Add>(c), nameof(Add));

    /// <summary>a - b, broadcast as <see cref="Binary"/> does.</summary>
    public static Tensor Sub(Tensor a, Tensor b) => Binary<Sub>(a, b);

    /// <summary>x - c for a constant c.</summary>
    public static Tensor Sub(Tensor x, float c) => Unary(x, new WithB<Sub>(c), nameof(Sub));

    /// <summary>c - x for a constant c.</summary>
    public static Tensor Sub(float c, Tensor x) => Unary(x, new WithA<Sub>(c), nameof(Sub));

    /// <summary>a * b, element by element, broadcast as <see cref="Binary"/> does.</summary>
    public static Tensor Mul(Tensor a, Tensor b) => Binary<Mul>(a, b);

    /// <summary>factor * x</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="factor">A constant.</param>
    public static Tensor Scale(Tensor x, float factor) => Unary(x, new WithB<Mul>(factor), nameof(Scale));

    /// <summary>a / b, element by element, broadcast as <see cref="Binary"/> does.</summary>
    public static Tensor Div(Tensor a, Tensor b) => Binary<Div>(a, b);

    /// <summary>x / c for a constant c.</summary>
    public static Tensor Div(Tensor x, float c) => Unary(x, new WithB<Div>(c), nameof(Div));

    /// <summary>c / x for a constant c.</summary>
    public static Tensor Div(float c, Tensor x) => Unary(x, new WithA<Div>(c), nameof(Div));

    /// <summary>
    /// max(a, b), element by element, broadcast as <see cref="Binary"/> does; NaN where either is. Where they are equal, each gets
    /// half of the gradient.
    /// </summary>
    public static Tensor Maximum(Tensor a, Tensor b) => Binary<Maximum>(a, b);

    /// <summary>
    /// min(a, b), element by element, broadcast as <see cref="Binary"/> does; NaN where either is. Where they are equal, each gets
    /// half of the gradient.
    /// </summary>
    public static Tensor Minimum(Tensor a, Tensor b) => Binary<Minimum>(a, b);
}
