namespace SpikeEngine.Kernels;

/// <summary>
/// Elementary functions in double out of +, -, * and /, which IEEE 754 rounds in one way only. <see cref="Math"/> asks the C
/// library, whose code depends on the processor: a seed would give another model, and a schedule other rates, in the last bit.
/// Errors stay within a few units of the last place.
/// </summary>
public static class DoubleMath
{
    private const double Ln2High = 6.93147180369123816490e-1;   // ln 2 in two parts: n * Ln2High is exact for |n| < 2^20
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double Sqrt2 = 1.4142135623730951;

    /// <summary>e^x for |x| up to 700.</summary>
    public static double Exp(double x)
    {
        // e^x = 2^n e^r with |r| <= ln 2 / 2; r^15 / 15! is below half a unit.
        double n = Math.Round(x * (1 / (Ln2High + Ln2Low)));
        double r = x - n * Ln2High - n * Ln2Low, sum = 1;
        for (int k = 14; k > 0; k--)
            sum = 1 + sum * r / k;
        return Math.ScaleB(sum, (int)n);
    }

    /// <summary>ln x for positive x.</summary>
    public static double Log(double x)
    {
        // x = m 2^e with m in [sqrt(1/2), sqrt 2); ln m = 2 artanh s.
        int e = Math.ILogB(x);
        double m = Math.ScaleB(x, -e);
        if (m > Sqrt2)
            (m, e) = (m / 2, e + 1);
        double s = (m - 1) / (m + 1), sum = 0;
        for (int k = 21; k > 0; k -= 2)
            sum = sum * (s * s) + 1.0 / k;
        return e * Ln2High + (e * Ln2Low + 2 * s * sum);
    }

    /// <summary>cos 2πt: the cosine after t turns.</summary>
    public static double CosOfTurns(double t)
    {
        // Whole quarters are taken off exactly; of the rest, at most π / 4, the series of the cosine or, k odd, of the sine.
        double quarters = Math.Round(4 * t), x = (t - quarters / 4) * Math.Tau, sum = 1;
        int quadrant = (int)quarters & 3;
        for (int k = 16 + (quadrant & 1); k > 1; k -= 2)
            sum = 1 - sum * (x * x) / (k * (k - 1));
        double value = (quadrant & 1) == 0 ? sum : x * sum;
        return quadrant is 1 or 2 ? -value : value;
    }

    /// <summary>x^n for n from 0 on.</summary>
    public static double Pow(double x, int n)
    {
        double power = 1;
        for (; n > 0; n >>= 1, x *= x)
            power *= (n & 1) != 0 ? x : 1;
        return power;
    }
}
