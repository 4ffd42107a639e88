using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

public static partial class LaneMath
{
    // 2 / ln 2 in two parts: products of the first with 12 bits are exact.
    private const float TwoLog2EHigh = 2.884765625f;
    private const float TwoLog2ELow = 6.24456778e-4f;
    private const float Sqrt2 = 1.41421356f;
    private const float LargestExponent = 8_589_934_592f;   // 2^33: to it any float but 1 is 0 or infinity
    private const float BeyondAllExponents = 250f;          // 2^250 is infinity and 2^-250 is 0, by two steps of 125

    /// <summary>
    /// x^y as IEEE 754 has it (but for the sign of -0, which counts as 0): 1 at y = 0 and at x = 1, NaN for negative x and
    /// broken y.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Pow<L>(L x, L y)
        where L : struct, ILanes<L>
    {
        if (DoubleLane.Is<L>())
            return DoubleLane.Apply(Math.Pow, x, y);

        L infinity = L.Splat(float.PositiveInfinity), a = L.Abs(x), negative = L.LessThan(y, L.Zero);
        L power = PowOfPositive(a, y);
        power = L.Select(L.Equal(a, L.Zero), L.Select(negative, infinity, L.Zero), power);
        power = L.Select(L.Equal(a, infinity), L.Select(negative, L.Zero, infinity), power);

        L half = y * L.Splat(0.5f);
        L even = L.Equal(L.Round(half), half), whole = L.Equal(L.Round(y), y);
        L broken = L.Select(L.LessThan(a, infinity), L.Splat(float.NaN), power);
        L signed = L.Select(even, power, L.Select(whole, -power, broken));
        power = L.Select(L.LessThan(x, L.Zero), signed, power);

        power = L.Select(L.Equal(x, x), L.Select(L.Equal(y, y), power, y), x);
        return L.Select(L.Equal(y, L.Zero), L.One, L.Select(L.Equal(x, L.One), L.One, power));
    }

    /// <summary>2^(y log2 a) for positive finite a. An error in the exponent counts up to 128 times, so log2 a has two parts.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static L PowOfPositive<L>(L a, L y)
        where L : struct, ILanes<L>
    {
        (L high, L low) = Log2(a);
        y = L.Max(L.Splat(-LargestExponent), L.Min(L.Splat(LargestExponent), y));
        L highTop = Top(high), yTop = Top(y);
        L product = highTop * yTop;
        L rest = L.MulAdd(y, high - highTop + low, (y - yTop) * highTop);

        // 2^n 2^f with |f| <= 1/2. Two steps for 2^n: it may be infinity or denormal where half of it is neither.
        L limit = L.Splat(BeyondAllExponents);
        L n = L.Round(L.Max(-limit, L.Min(limit, product + rest)));
        L f = L.Max(-L.One, L.Min(L.One, product - n + rest));
        L p = L.Splat(1.547106514e-4f);
        p = L.MulAdd(p, f, L.Splat(1.340177928e-3f));
        p = L.MulAdd(p, f, L.Splat(9.618021395e-3f));
        p = L.MulAdd(p, f, L.Splat(5.550323813e-2f));
        p = L.MulAdd(p, f, L.Splat(2.402265125e-1f));
        p = L.MulAdd(p, f, L.Splat(6.931472083e-1f));
        p = L.MulAdd(p, f, L.One);
        L step = L.Round(n * L.Splat(0.5f));
        return p * L.Pow2(step) * L.Pow2(n - step);
    }

    /// <summary>log2 a of a positive finite number as a sum of two, good to some 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (L High, L Low) Log2<L>(L a)
        where L : struct, ILanes<L>
    {
        // a = m 2^e with m in [sqrt(1/2), sqrt 2)
        L small = L.LessThan(a, L.Splat(SmallestNormal));
        L normal = L.Select(small, a * L.Splat(TwoTo23), a);
        L e = L.Exponent(normal) - L.Select(small, L.Splat(23f), L.Zero);
        L m = L.Mantissa(normal);
        L large = L.LessThan(L.Splat(Sqrt2), m);
        e = L.Select(large, e + L.One, e);
        m = L.Select(large, m * L.Splat(0.5f), m);

        // ln m = 2 atanh t, t = (m - 1) / (m + 1); the rounding errors of the sum and of the quotient are known exactly.
        L difference = m - L.One, sum = m + L.One;
        L sumRest = m - (sum - L.One);
        L t = difference / sum;
        L tTop = Top(t), sumTop = Top(sum);
        L tLow = t - tTop, sumLow = sum - sumTop;
        L remainder = difference - tTop * sumTop - tTop * sumLow - tLow * sumTop - tLow * sumLow - t * sumRest;
        L tRest = remainder / sum;

        // The series from t³ on, divided by ln 2.
        L z = t * t;
        L p = L.Splat(3.367663196e-1f);
        p = L.MulAdd(p, z, L.Splat(4.118945704e-1f));
        p = L.MulAdd(p, z, L.Splat(5.770798349e-1f));
        p = L.MulAdd(p, z, L.Splat(9.617966922e-1f));

        L constant = L.Splat(TwoLog2EHigh), first = tTop * constant;
        L rest = L.MulAdd(tLow + tRest, constant, L.MulAdd(t, L.Splat(TwoLog2ELow), p * z * t));
        L high = e + first;
        return (high, first - (high - e) + rest);
    }

    /// <summary>x rounded to 12 bits, so that products of two such are exact (Veltkamp).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Top<L>(L x)
        where L : struct, ILanes<L>
    {
        L scaled = x * L.Splat(4097f);
        return scaled - (scaled - x);
    }
}
