using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

public static partial class LaneMath
{
    private const float NormalTailEnd = 14f;   // beyond it the tail is 0 in single precision
    private const float NormalTailScale = 0.3f;
    private const float SquareRootOf2 = 1.41421356f;

    /// <summary>erf x = 2 / sqrt(π) ∫_0^x e^-t² dt</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Erf<L>(L x)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(ErrorFunction.Erf, x);

        // x times a polynomial of x² near 0, where 1 - erfc would cancel.
        L a = L.Abs(x), z = x * x;
        L p = L.Splat(7.882497023e-5f);
        p = L.MulAdd(p, z, L.Splat(-8.018854966e-4f));
        p = L.MulAdd(p, z, L.Splat(5.189311940e-3f));
        p = L.MulAdd(p, z, L.Splat(-2.685432879e-2f));
        p = L.MulAdd(p, z, L.Splat(1.128359746e-1f));
        p = L.MulAdd(p, z, L.Splat(-3.761262690e-1f));
        p = L.MulAdd(p, z, L.Splat(1.128379166f));

        L far = L.One - L.Splat(2f) * NormalTail(a * L.Splat(SquareRootOf2));
        far = L.Select(L.LessThan(x, L.Zero), -far, far);
        return L.Select(L.LessThan(a, L.One), p * x, far);
    }

    /// <summary>Φ(x) = (1 + erf(x / sqrt 2)) / 2, the standard normal distribution; relatively accurate on the far left too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L NormalCdf<L>(L x)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(ErrorFunction.NormalCdf, x);

        L tail = NormalTail(L.Abs(x));
        return L.Select(L.LessThan(x, L.Zero), tail, L.One - tail);
    }

    /// <summary>Φ(-a) for a from 0 on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static L NormalTail<L>(L a)
        where L : struct, ILanes<L>
    {
        // e^(-a²/2) t P(s) with t = 1 / (1 + q), s = (1 - q) / (1 + q), q = 0.3 a: Chebyshev fit over 0 <= a <= 14.2.
        a = L.Min(L.Splat(NormalTailEnd), a);
        L q = a * L.Splat(NormalTailScale);
        L t = L.One / (L.One + q);
        L s = (L.One - q) * t;
        L p = L.Splat(-3.996514101e-5f);
        p = L.MulAdd(p, s, L.Splat(7.626858484e-5f));
        p = L.MulAdd(p, s, L.Splat(2.803476707e-4f));
        p = L.MulAdd(p, s, L.Splat(-5.692760517e-4f));
        p = L.MulAdd(p, s, L.Splat(-2.423425663e-3f));
        p = L.MulAdd(p, s, L.Splat(1.815897051e-3f));
        p = L.MulAdd(p, s, L.Splat(2.776032916e-2f));
        p = L.MulAdd(p, s, L.Splat(8.654972439e-2f));
        p = L.MulAdd(p, s, L.Splat(1.645794858e-1f));
        p = L.MulAdd(p, s, L.Splat(2.219706128e-1f));

        // a² = top² + (a - top)(a + top): the first is exact, and of e to the small second a few terms are enough.
        L top = Top(a);
        L d = (a - top) * (a + top) * L.Splat(-0.5f);
        L correction = L.MulAdd(d, L.MulAdd(d, L.MulAdd(d, L.Splat(1f / 6f), L.Splat(0.5f)), L.One), L.One);
        return Exp(top * top * L.Splat(-0.5f)) * correction * (t * p);
    }
}
