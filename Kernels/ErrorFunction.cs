namespace SpikeEngine.Kernels;

/// <summary>The error function in double, which <see cref="Math"/> lacks.</summary>
internal static class ErrorFunction
{
    private const double SeriesEnd = 2.5;
    private const int FractionTerms = 60;
    private static readonly double s_sqrtPi = Math.Sqrt(Math.PI);

    /// <summary>erf x</summary>
    public static double Erf(double x) => Math.Abs(x) < SeriesEnd ? Series(x) : Math.CopySign(1 - Fraction(Math.Abs(x)), x);

    /// <summary>Φ(x) = erfc(-x / sqrt 2) / 2</summary>
    public static double NormalCdf(double x)
    {
        double z = -x / Math.Sqrt(2);
        double erfc = z >= SeriesEnd ? Fraction(z) : z <= -SeriesEnd ? 2 - Fraction(-z) : 1 - Series(z);
        return erfc / 2;
    }

    /// <summary>2 / sqrt(π) e^-x² (x + 2 x³ / 3 + 4 x⁵ / 15 + ...): all terms have one sign, so nothing cancels.</summary>
    private static double Series(double x)
    {
        double term = x, sum = x;
        for (int odd = 3; Math.Abs(term) > double.Epsilon + 1e-17 * Math.Abs(sum); odd += 2)
            sum += term *= 2 * x * x / odd;
        return 2 / s_sqrtPi * Math.Exp(-x * x) * sum;
    }

    /// <summary>erfc x = e^-x² / sqrt(π) / (x + (1/2) / (x + (2/2) / (x + (3/2) / (x + ...)))) for large positive x.</summary>
    private static double Fraction(double x)
    {
        double below = x;
        for (int k = FractionTerms; k > 0; k--)
            below = x + k / 2.0 / below;
        return Math.Exp(-x * x) / (s_sqrtPi * below);
    }
}
