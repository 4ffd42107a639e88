namespace SpikeEngine;

/// <content>Arithmetic in its usual spelling: what <see cref="Ops"/> does, with broadcasting and gradients.</content>
public partial class Tensor
{
    /// <inheritdoc cref="Ops.Add(Tensor, Tensor)"/>
    public static Tensor operator +(Tensor a, Tensor b) => Ops.Add(a, b);

    /// <inheritdoc cref="Ops.Add(Tensor, float)"/>
    public static Tensor operator +(Tensor x, float c) => Ops.Add(x, c);

    /// <inheritdoc cref="Ops.Add(Tensor, float)"/>
    public static Tensor operator +(float c, Tensor x) => Ops.Add(x, c);

    /// <inheritdoc cref="Ops.Sub(Tensor, Tensor)"/>
    public static Tensor operator -(Tensor a, Tensor b) => Ops.Sub(a, b);

    /// <inheritdoc cref="Ops.Sub(Tensor, float)"/>
    public static Tensor operator -(Tensor x, float c) => Ops.Sub(x, c);

    /// <inheritdoc cref="Ops.Sub(float, Tensor)"/>
    public static Tensor operator -(float c, Tensor x) => Ops.Sub(c, x);

    /// <inheritdoc cref="Ops.Neg"/>
    public static Tensor operator -(Tensor x) => Ops.Neg(x);

    /// <inheritdoc cref="Ops.Mul"/>
    public static Tensor operator *(Tensor a, Tensor b) => Ops.Mul(a, b);

    /// <inheritdoc cref="Ops.Scale"/>
    public static Tensor operator *(Tensor x, float factor) => Ops.Scale(x, factor);

    /// <inheritdoc cref="Ops.Scale"/>
    public static Tensor operator *(float factor, Tensor x) => Ops.Scale(x, factor);

    /// <inheritdoc cref="Ops.Div(Tensor, Tensor)"/>
    public static Tensor operator /(Tensor a, Tensor b) => Ops.Div(a, b);

    /// <inheritdoc cref="Ops.Div(Tensor, float)"/>
    public static Tensor operator /(Tensor x, float c) => Ops.Div(x, c);

    /// <inheritdoc cref="Ops.Div(float, Tensor)"/>
    public static Tensor operator /(float c, Tensor x) => Ops.Div(c, x);
}
