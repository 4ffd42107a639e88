using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>Elementary functions in single precision, written once over lanes. Errors stay below about 2 ulp.</summary>
public static partial class LaneMath
{
    private const float ExpLargest = 88.72283f;     // ln(float.MaxValue)
    private const float ExpSmallest = -87.33654f;   // ln(smallest normal float)
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;     // ln 2 in two parts: n * Ln2High is exact for |n| < 2^12
    private const float Ln2Low = -2.12194440e-4f;
    private const float SmallestNormal = 1.17549435e-38f;
    private const float TwoTo23 = 8388608f;
    private const float HalfSqrt2 = 0.70710678f;
    private const float SoftplusIdentity = 20f;     // PyTorch's threshold: softplus(x) = x above

    /// <summary>e^x; 0 below about -87.3 (no denormals), infinity above 88.7, NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Exp<L>(L x)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(Math.Exp, x);
        if (L.IsComposed)
            return L.Apply<Exp>(x);

        L y = ExpInRange(L.Max(L.Splat(ExpSmallest), L.Min(L.Splat(ExpLargest), x)));
        y = L.Select(L.LessThan(x, L.Splat(ExpSmallest)), L.Zero, y);
        return L.Select(L.LessThan(L.Splat(ExpLargest), x), L.Splat(float.PositiveInfinity), y);
    }

    /// <summary>e^x for x up to 0 (or a rounding error above), as <see cref="Exp{L}(L)"/>, with a third fewer instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L ExpOfNegative<L>(L x)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(Math.Exp, x);
        return L.Select(L.LessThan(x, L.Splat(ExpSmallest)), L.Zero, ExpInRange(L.Max(L.Splat(ExpSmallest), x)));
    }

    /// <summary>e^x for x whose exponential is a normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L ExpInRange<L>(L x)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(Math.Exp, x);
        if (L.IsComposed)
            return L.Apply<Exp>(x);

        // e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2; coefficients: Cephes expf. At both ends of the range e^r lies
        // where its product with 2^n is still a normal number. Pairs of terms keep the chain of dependent multiply-adds short.
        L n = L.Round(x * L.Splat(Log2E));
        L r = L.MulAdd(n, L.Splat(-Ln2High), x);
        r = L.MulAdd(n, L.Splat(-Ln2Low), r);
        L r2 = r * r;
        L p = L.MulAdd(L.Splat(1.9875691500e-4f), r, L.Splat(1.3981999507e-3f));
        p = L.MulAdd(p, r2, L.MulAdd(L.Splat(8.3334519073e-3f), r, L.Splat(4.1665795894e-2f)));
        p = L.MulAdd(p, r2, L.MulAdd(L.Splat(1.6666665459e-1f), r, L.Splat(0.5f)));
        return L.TimesPow2(L.MulAdd(p, r2, r + L.One), n);
    }

    /// <summary>ln x; -infinity at 0, NaN below it, infinity at infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Log<L>(L x)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(Math.Log, x);

        // Denormals are brought up to normal numbers; what is no positive number is put right at the end.
        L small = L.LessThan(x, L.Splat(SmallestNormal));
        L y = LogOfNormal(L.Select(small, x * L.Splat(TwoTo23), x), L.Select(small, L.Splat(-23f), L.Zero));
        y = L.Select(L.LessThan(x, L.Splat(float.PositiveInfinity)), y, x);
        L pole = L.Select(L.Equal(x, L.Zero), L.Splat(float.NegativeInfinity), L.Splat(float.NaN));
        return L.Select(L.LessThan(L.Zero, x), y, pole);
    }

    /// <summary>ln x + shift * ln 2 for positive normal x and a whole number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L LogOfNormal<L>(L x, L shift)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(Math.Log, x);

        // x = m 2^e with m in [sqrt(1/2), sqrt 2); coefficients: Cephes logf.
        L e = L.Exponent(x) + L.One + shift;
        L m = L.Mantissa(x) * L.Splat(0.5f);
        L small = L.LessThan(m, L.Splat(HalfSqrt2));
        e = L.Select(small, e - L.One, e);
        m = L.Select(small, m + m, m) - L.One;

        L z = m * m;
        L p = L.Splat(7.0376836292e-2f);
        p = L.MulAdd(p, m, L.Splat(-1.1514610310e-1f));
        p = L.MulAdd(p, m, L.Splat(1.1676998740e-1f));
        p = L.MulAdd(p, m, L.Splat(-1.2420140846e-1f));
        p = L.MulAdd(p, m, L.Splat(1.4249322787e-1f));
        p = L.MulAdd(p, m, L.Splat(-1.6668057665e-1f));
        p = L.MulAdd(p, m, L.Splat(2.0000714765e-1f));
        p = L.MulAdd(p, m, L.Splat(-2.4999993993e-1f));
        p = L.MulAdd(p, m, L.Splat(3.3333331174e-1f));
        L y = p * m * z;
        y = L.MulAdd(e, L.Splat(Ln2Low), y);
        y = L.MulAdd(z, L.Splat(-0.5f), y);
        return L.MulAdd(e, L.Splat(Ln2High), m + y);
    }

    /// <summary>e^x of one number, as the kernels take it: the C library's depends on the processor.</summary>
    public static float Exp(float x) => Lanes1.Sum(Exp(Lanes1.Splat(x)));

    /// <summary>ln x of one positive normal number; infinity and NaN stay what they are.</summary>
    public static float Log(float x) => x <= float.MaxValue ? Lanes1.Sum(Log(Lanes1.Splat(x))) : x;

    /// <summary>σ(x) = 1 / (1 + e^-x), without overflow at either end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Sigmoid<L>(L x)
        where L : struct, ILanes<L>
    {
        // Where e^-x is no float, σ is no normal number.
        L limit = L.Splat(ExpSmallest);
        return L.Select(L.LessThan(x, limit), L.Zero, SigmoidInRange(L.Max(limit, L.Min(-limit, x))));
    }

    /// <summary>σ(x) for |x| up to 87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static L SigmoidInRange<L>(L x)
        where L : struct, ILanes<L> => L.One / (L.One + ExpInRange(-x));

    /// <summary>x σ(x), and 0 below -87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static L TimesSigmoid<L>(L x)
        where L : struct, ILanes<L>
    {
        L lowest = L.Splat(FlatTail.Lowest);
        L y = x / (L.One + ExpInRange(L.Max(lowest, L.Min(-lowest, -x))));
        return L.Select(L.LessThan(x, lowest), L.Zero, y);
    }

    /// <summary>ln(1 + e^x); x itself above 20, as PyTorch and the Mamba2 kernels do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Softplus<L>(L x)
        where L : struct, ILanes<L>
    {
        // max(x, 0) + ln(1 + e^-|x|)
        return L.Select(L.LessThan(L.Splat(SoftplusIdentity), x), x, L.Max(x, L.Zero) + LogOnePlusExp(-L.Abs(x)));
    }

    /// <summary>ln σ(x) = min(x, 0) - ln(1 + e^-|x|)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L LogSigmoid<L>(L x)
        where L : struct, ILanes<L> => L.Min(L.Zero, x) - LogOnePlusExp(-L.Abs(x));

    // Long formulas are methods of their own: inlined, they would use up what the JIT allows a loop to inline, and the last of
    // their operations would be calls (ten times as slow).

    /// <summary>ln(1 + e^x) for x up to 0.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static L LogOnePlusExp<L>(L x)
        where L : struct, ILanes<L>
    {
        // ln(1 + u) = ln(w) u / (w - 1), w = 1 + u, corrects the rounding of w.
        L u = ExpOfNegative(x);
        L w = L.One + u;
        L rounded = w - L.One;
        L log = LogOfNormal(w, L.Zero);
        return L.Select(L.LessThan(L.Zero, rounded), log * (u / L.Max(rounded, L.Splat(float.Epsilon))), u);
    }

    /// <summary>tanh x = x - x³/3 + ... near 0, 1 - 2 / (e^2x + 1) elsewhere, odd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Tanh<L>(L x)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(Math.Tanh, x);

        L a = L.Abs(x);
        L large = L.One - L.Splat(2f) / (Exp(a + a) + L.One);

        // Below 0.625 the difference above cancels; coefficients: Cephes tanhf.
        L z = x * x;
        L p = L.Splat(-5.70498872745e-3f);
        p = L.MulAdd(p, z, L.Splat(2.06390887954e-2f));
        p = L.MulAdd(p, z, L.Splat(-5.37397155531e-2f));
        p = L.MulAdd(p, z, L.Splat(1.33314422036e-1f));
        p = L.MulAdd(p, z, L.Splat(-3.33332819422e-1f));
        L near = L.MulAdd(p * z, x, x);

        L far = L.Select(L.LessThan(x, L.Zero), -large, large);
        return L.Select(L.LessThan(a, L.Splat(0.625f)), near, far);
    }
}
