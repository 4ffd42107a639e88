using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>y = x Φ(x), Φ the standard normal distribution (Hendrycks and Gimpel 2016, the exact form with erf).</summary>
public readonly struct Gelu : IUnaryOp
{
    private const float InverseSqrt2Pi = 0.39894228f;

    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.Max(L.Splat(FlatTail.Lowest), x) * LaneMath.NormalCdf(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        x = FlatTail.Clamp(x);
        L density = L.Splat(InverseSqrt2Pi) * LaneMath.ExpOfNegative(x * x * L.Splat(-0.5f));
        return L.MulAdd(x, density, LaneMath.NormalCdf(x));
    }
}

/// <summary>y = x / 2 (1 + tanh u), u = sqrt(2 / π) (x + 0.044715 x³): the form with tanh (Hendrycks and Gimpel 2016).</summary>
public readonly struct GeluTanh : IUnaryOp
{
    private const float Sqrt2OverPi = 0.79788456f;
    private const float Cubic = 0.044715f;

    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.Max(L.Splat(FlatTail.Lowest), x) * LaneMath.Sigmoid(TwoU(x));

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        x = FlatTail.Clamp(x);
        L u = TwoU(x), slopeOfU = L.Splat(2f * Sqrt2OverPi) * L.MulAdd(x * x, L.Splat(3f * Cubic), L.One);

        // σ(u) and its slope σ(u) σ(-u) from one exponential.
        L e = LaneMath.ExpOfNegative(-L.Abs(u)), larger = L.One / (L.One + e), smaller = e * larger;
        return L.MulAdd(x * slopeOfU, smaller * larger, L.Select(L.LessThan(u, L.Zero), smaller, larger));
    }

    // (1 + tanh u) / 2 = σ(2u), which does not cancel on the left.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L TwoU<L>(L x)
        where L : struct, ILanes<L> => L.Splat(2f * Sqrt2OverPi) * x * L.MulAdd(x * x, L.Splat(Cubic), L.One);
}
