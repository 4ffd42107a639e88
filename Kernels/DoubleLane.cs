using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// A register of one double: it runs the formulas of element-wise operations in double precision, for gradient checks.
/// <see cref="LaneMath"/> hands its elementary functions to <see cref="Math"/>, so no rounding of single precision remains.
/// </summary>
public readonly struct DoubleLane : ILanes<DoubleLane>
{
    private readonly double _v;

    private DoubleLane(double v) => _v = v;

    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    public static DoubleLane Zero => new(0.0);

    /// <inheritdoc/>
    public static DoubleLane One => new(1.0);

    /// <summary>The value.</summary>
    public double Value => _v;

    /// <summary>A register with a value.</summary>
    public static DoubleLane From(double value) => new(value);

    /// <inheritdoc/>
    public static DoubleLane Splat(float value) => new(value);

    /// <inheritdoc/>
    public static DoubleLane Load(ReadOnlySpan<float> source, int index) => new(source[index]);

    /// <inheritdoc/>
    public static void Store(DoubleLane value, Span<float> destination, int index) => destination[index] = (float)value._v;

    /// <inheritdoc/>
    public static DoubleLane MulAdd(DoubleLane a, DoubleLane b, DoubleLane c) => new(a._v * b._v + c._v);

    /// <inheritdoc/>
    public static DoubleLane Min(DoubleLane a, DoubleLane b) => a._v < b._v ? a : b;

    /// <inheritdoc/>
    public static DoubleLane Max(DoubleLane a, DoubleLane b) => a._v > b._v ? a : b;

    /// <inheritdoc/>
    public static DoubleLane Abs(DoubleLane x) => new(Math.Abs(x._v));

    /// <inheritdoc/>
    public static DoubleLane Sqrt(DoubleLane x) => new(Math.Sqrt(x._v));

    /// <inheritdoc/>
    public static DoubleLane Round(DoubleLane x) => new(Math.Round(x._v));

    /// <inheritdoc/>
    public static DoubleLane Pow2(DoubleLane n) => new(Math.ScaleB(1.0, (int)n._v));

    /// <inheritdoc/>
    public static DoubleLane TimesPow2(DoubleLane x, DoubleLane n) => new(Math.ScaleB(x._v, (int)n._v));

    /// <inheritdoc/>
    public static DoubleLane Exponent(DoubleLane x) => new(Math.ILogB(x._v));

    /// <inheritdoc/>
    public static DoubleLane Mantissa(DoubleLane x) => new(Math.ScaleB(x._v, -Math.ILogB(x._v)));

    /// <inheritdoc/>
    public static DoubleLane LessThan(DoubleLane a, DoubleLane b) => a._v < b._v ? One : Zero;

    /// <inheritdoc/>
    public static DoubleLane Equal(DoubleLane a, DoubleLane b) => a._v == b._v ? One : Zero;

    /// <inheritdoc/>
    public static uint Bits(DoubleLane mask) => mask._v != 0.0 ? 1u : 0u;

    /// <inheritdoc/>
    public static DoubleLane MaskOf(uint bits) => new((bits & 1) != 0 ? 1 : 0);

    /// <inheritdoc/>
    public static DoubleLane Select(DoubleLane mask, DoubleLane a, DoubleLane b) => mask._v != 0.0 ? a : b;

    /// <inheritdoc/>
    public static float Sum(DoubleLane x) => (float)x._v;

    /// <inheritdoc/>
    public static float MaxOf(DoubleLane x) => (float)x._v;

    /// <inheritdoc/>
    public static DoubleLane operator +(DoubleLane a, DoubleLane b) => new(a._v + b._v);

    /// <inheritdoc/>
    public static DoubleLane operator -(DoubleLane a, DoubleLane b) => new(a._v - b._v);

    /// <inheritdoc/>
    public static DoubleLane operator *(DoubleLane a, DoubleLane b) => new(a._v * b._v);

    /// <inheritdoc/>
    public static DoubleLane operator /(DoubleLane a, DoubleLane b) => new(a._v / b._v);

    /// <inheritdoc/>
    public static DoubleLane operator -(DoubleLane x) => new(-x._v);

    /// <summary>Whether <typeparamref name="L"/> is this register: known when code is made, so the question costs nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Is<L>() => typeof(L) == typeof(DoubleLane);

    /// <summary>f(x) for a register that is known to be this one.</summary>
    internal static L Apply<L>(Func<double, double> f, L x)
        where L : struct, ILanes<L>
    {
        double value = f(Unsafe.As<L, DoubleLane>(ref x)._v);
        DoubleLane y = new(value);
        return Unsafe.As<DoubleLane, L>(ref y);
    }

    /// <summary>f(x, y) for registers that are known to be this one.</summary>
    internal static L Apply<L>(Func<double, double, double> f, L x, L y)
        where L : struct, ILanes<L>
    {
        double value = f(Unsafe.As<L, DoubleLane>(ref x)._v, Unsafe.As<L, DoubleLane>(ref y)._v);
        DoubleLane z = new(value);
        return Unsafe.As<DoubleLane, L>(ref z);
    }
}
