using SpikeEngine.Kernels;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Kernels;

/// <summary>Powers, logarithms at their edges, and the normal distribution, at every width.</summary>
[Collection(Lanes.Name)]
public class LaneMathPowErfTests
{
    private const double Ulp = 1.0 / (1 << 23);
    private const float Inf = float.PositiveInfinity, NaN = float.NaN;

    /// <summary>erf and erfc to 16 digits, from the C library.</summary>
    public static TheoryData<double, double, double> ErrorFunctions => new()
    {
        { 0, 0, 1 },
        { 0.1, 0.1124629160182849, 0.8875370839817152 },
        { 0.5, 0.5204998778130465, 0.4795001221869535 },
        { 1, 0.8427007929497149, 0.15729920705028513 },
        { 2, 0.9953222650189527, 0.004677734981047265 },
        { 2.9, 0.9999589021219005, 4.109787809945886e-05 },
        { 3.1, 0.9999883513426328, 1.1648657367199589e-05 },
        { 5, 0.9999999999984626, 1.5374597944280351e-12 },
        { 6.5, 1, 3.8421483271206475e-20 },
    };

    [Theory]
    [MemberData(nameof(ErrorFunctions))]
    public void TheErrorFunctionIsExactInDouble(double x, double erf, double erfc)
    {
        Assert.Equal(erf, ErrorFunction.Erf(x), 4e-16);
        Assert.Equal(-erf, ErrorFunction.Erf(-x), 4e-16);
        Assert.InRange(ErrorFunction.NormalCdf(-x * Math.Sqrt(2)) / (erfc / 2), 1 - 1e-12, 1 + 1e-12);
        Assert.Equal(1 - erfc / 2, ErrorFunction.NormalCdf(x * Math.Sqrt(2)), 4e-16);
    }

    [Fact]
    public void ErfIsWithinTwoUlp() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Range(-40_000, 80_001).Select(i => i * 1.7e-4f), 1e-30f, -1e-20f, 1e-6f];
        AssertRelative("erf", x, Apply<ErfForTest>(x), ErrorFunction.Erf, 2);
    });

    [Fact]
    public void TheNormalDistributionIsWithinFiveUlpEvenInItsTail() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Range(-39_000, 80_000).Select(i => i * 3.3e-4f)];
        AssertRelative("Φ", x, Apply<CdfForTest>(x), ErrorFunction.NormalCdf, 5);
        AssertRelative("gelu", x, Apply<Gelu>(x), v => v * ErrorFunction.NormalCdf(v), 6);
    });

    [Fact]
    public void PowersAreWithinTwoUlp() => Lanes.AtEveryWidth(() =>
    {
        foreach (float y in new[] { 0.5f, -0.5f, 1f, -1f, 2f, 3f, 1.7f, -2.3f, 0.01f, 37f, -100.5f, 1e6f })
        {
            // Bases whose powers have no more than 37 decimal places either way, and some close to 1 besides.
            float[] x =
                [.. Enumerable.Range(-5_000, 10_001).Select(i => (float)Math.Pow(10, Math.Clamp(i * 0.0074 / Math.Abs(y), -37, 37)))];
            AssertRelative($"x^{y}", x, Apply(new Pow(y), x), v => Math.Pow(v, y), 2);
        }
    });

    [Fact]
    public void PowersHaveTheSignsAndEdgesOfIeee() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [-Inf, -8f, -1f, 0f, 0.5f, 1f, 2f, Inf, NaN];
        foreach (float y in new[] { -Inf, -3f, -2f, -0.5f, 0f, 0.5f, 1f, 2f, 3f, Inf, NaN })
        {
            float[] actual = Apply(new Pow(y), x);
            for (int i = 0; i < x.Length; i++)
                AssertSame(MathF.Pow(x[i], y), actual[i]);
        }

        Assert.Equal([float.Epsilon * 2, 0f, Inf], Apply(new Pow(2f), [MathF.ScaleB(1f, -74), 1e-30f, 1e30f]));
        Assert.Equal([MathF.ScaleB(1f, 140 / 2)], Apply(new Pow(-0.5f), [MathF.ScaleB(1f, -140)]));
    });

    [Fact]
    public void LogarithmsHaveTheEdgesOfIeee() => Lanes.AtEveryWidth(() =>
    {
        float[] x =
            [NaN, -Inf, -1f, -float.Epsilon, -0f, 0f, float.Epsilon, 1e-42f, 1.1754942e-38f, 1.17549435e-38f, 1f, float.MaxValue, Inf];
        float[] actual = Apply<Log>(x);
        for (int i = 0; i < x.Length; i++)
            AssertSame(MathF.Log(x[i]), actual[i]);
    });

    [Fact]
    public void LogSigmoidIsWithinFourUlp() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Range(-40_000, 80_001).Select(i => i * 0.0021f)];
        AssertRelative("ln σ", x, Apply<LogSigmoid>(x), Exact, 4);

        static double Exact(double v) =>
            v > 15 ? -Log1p(Math.Exp(-v)) : Math.Min(v, 0) - Math.Log(1 + Math.Exp(-Math.Abs(v)));
    });

    [Fact]
    public void ExtremesAreRight() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [-Inf, -1e30f, -200f, 0f, 200f, 1e30f, Inf];
        Assert.Equal([0, 0, 0, 0, 200, 1e30f, Inf], Apply<Gelu>(x));
        Assert.Equal([0, 0, 0, 0, 200, 1e30f, Inf], Apply<GeluTanh>(x));
        Assert.Equal([0, 0, 0, 0.5f, 1, 1, 1], Slope<Gelu>(x));
        Assert.Equal([0, 0, 0, 0.5f, 1, 1, 1], Slope<GeluTanh>(x));
        Assert.Equal([-1, -1, -1, 0, 1, 1, 1], Apply<ErfForTest>(x));
        Assert.Equal([-Inf, -1e30f, -200, -MathF.Log(2f), 0, 0, 0], Apply<LogSigmoid>(x));
        Assert.Equal([0, 0, 0, 0, 200, 1e30f, Inf], Apply<Relu>(x));
        Assert.Equal([0, 0, 0, 0, 1, 1, 1], Slope<Relu>(x));
        Assert.Equal([-1, -1, -1, 0, 1, 1, 1], Slope<Abs>(x));
        Assert.Equal([NaN, NaN, NaN, 0, MathF.Sqrt(200f), 1e15f, Inf], Apply<Sqrt>(x));
        Assert.Equal([NaN, NaN, NaN, Inf, 1 / MathF.Sqrt(200f), 1e-15f, 0], Apply<Rsqrt>(x));
    });

    [Fact]
    public void NotANumberStaysOne() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Repeat(NaN, 17)];
        float[][] results =
        [
            Apply<Gelu>(x), Apply<GeluTanh>(x), Apply<ErfForTest>(x), Apply<CdfForTest>(x), Apply<LogSigmoid>(x), Apply<Relu>(x),
            Apply<Log>(x), Apply<Sqrt>(x), Apply<Abs>(x), Apply(new Clamp(-1f, 1f), x), Apply(new Pow(1.5f), x),
            Slope<Gelu>(x), Slope<GeluTanh>(x),
        ];
        Assert.All(results, result => Assert.All(result, v => Assert.True(float.IsNaN(v))));
    });

    private static double Log1p(double u) => u - u * u / 2 + u * u * u / 3;

    private static float[] Apply<TOp>(float[] x)
        where TOp : struct, IUnaryOp => Apply(default(TOp), x);

    private static float[] Apply<TOp>(TOp op, float[] x)
        where TOp : struct, IUnaryOp
    {
        float[] y = new float[x.Length];
        Simd.Run(new UnaryForward<TOp> { Op = op, X = x, Y = y });
        return y;
    }

    private static float[] Slope<TOp>(float[] x)
        where TOp : struct, IUnaryOp
    {
        float[] slopes = new float[x.Length];
        Simd.Run(new UnaryBackward<TOp> { X = x, GradY = Enumerable.Repeat(1f, x.Length).ToArray(), GradX = slopes });
        return slopes;
    }

    private static void AssertSame(float expected, float actual)
    {
        bool special = expected == actual || float.IsNaN(expected) && float.IsNaN(actual);
        Assert.True(special || MathF.Abs(expected - actual) <= 2e-7f * MathF.Abs(expected), $"got {actual:R}, expected {expected:R}");
    }

    private static void AssertRelative(string what, float[] x, float[] y, Func<double, double> exact, int ulps)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double expected = exact(x[i]);
            if (!(Math.Abs(y[i] - expected) <= ulps * Ulp * Math.Abs(expected) + 1.2e-38))
                Assert.Fail($"{what} at {x[i]:R} is {y[i]:R}, exactly {expected:R}: {Math.Abs(y[i] / expected - 1) / Ulp:F1} ulp");
        }
    }

    private readonly struct ErfForTest : IUnaryOp
    {
        public L Value<L>(L x)
            where L : struct, ILanes<L> => LaneMath.Erf(x);

        public L Slope<L>(L x)
            where L : struct, ILanes<L> => L.Zero;
    }

    private readonly struct CdfForTest : IUnaryOp
    {
        public L Value<L>(L x)
            where L : struct, ILanes<L> => LaneMath.NormalCdf(x);

        public L Slope<L>(L x)
            where L : struct, ILanes<L> => L.Zero;
    }
}
