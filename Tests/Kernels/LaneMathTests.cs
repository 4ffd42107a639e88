using SpikeEngine.Kernels;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The elementary functions against <see cref="Math"/> in double, at every width.</summary>
[Collection(Lanes.Name)]
public class LaneMathTests
{
    private const double Ulp = 1.0 / (1 << 23);

    private static readonly float[] s_grid = [.. Enumerable.Range(-40_000, 80_001).Select(i => i * 0.0021f)];

    [Fact]
    public void ExpIsWithinTwoUlp() => AssertRelative<Exp>(s_grid, Math.Exp, 2 * Ulp);

    [Fact]
    public void SigmoidIsWithinFourUlp() => AssertRelative<Sigmoid>(s_grid, x => 1 / (1 + Math.Exp(-x)), 4 * Ulp);

    [Fact]
    public void TanhIsWithinFourUlp() => AssertRelative<Tanh>(s_grid, Math.Tanh, 4 * Ulp);

    [Fact]
    public void SoftplusIsWithinFourUlp() =>
        AssertRelative<Softplus>(s_grid, x => x > 20 ? x : x < -15 ? Log1p(Math.Exp(x)) : Math.Log(1 + Math.Exp(x)), 4 * Ulp);

    [Fact]
    public void SiluIsWithinSixUlp() => AssertRelative<Silu>(s_grid, x => x / (1 + Math.Exp(-x)), 6 * Ulp);

    [Fact]
    public void LogIsWithinTwoUlp()
    {
        float[] x = [.. Enumerable.Range(0, 60_000).Select(i => MathF.Exp((i - 30_000) * 0.0028f))];
        Lanes.AtEveryWidth(() =>
        {
            float[] y = new float[x.Length];
            Simd.Run(new UnaryForward<Log> { X = x, Y = y });

            // Near 1 the logarithm is small: an error of ulp(x) there is all the input can carry.
            for (int i = 0; i < x.Length; i++)
                Assert.True(Math.Abs(y[i] - Math.Log(x[i])) <= 2 * Ulp * Math.Abs(Math.Log(x[i])) + Ulp / 4, $"ln {x[i]:R} = {y[i]:R}");
        });
    }

    [Fact]
    public void SlopesAreTheDerivatives()
    {
        float[] x = [.. Enumerable.Range(-300, 601).Select(i => i * 0.025f)];
        AssertSlope<Sigmoid>(x);
        AssertSlope<Silu>(x);
        AssertSlope<Softplus>(x);
        AssertSlope<Tanh>(x);
        AssertSlope<LogSigmoid>(x);
    }

    [Fact]
    public void ExtremesAreRight() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [float.NegativeInfinity, -1e30f, -1_000f, -0f, 0f, 1_000f, 1e30f, float.PositiveInfinity];
        Assert.Equal([0, 0, 0, 1, 1, float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity], Apply<Exp>(x));
        Assert.Equal([0, 0, 0, 0.5f, 0.5f, 1, 1, 1], Apply<Sigmoid>(x));
        Assert.Equal([-1, -1, -1, 0, 0, 1, 1, 1], Apply<Tanh>(x));
        Assert.Equal([0, 0, 0, MathF.Log(2f), MathF.Log(2f), 1_000f, 1e30f, float.PositiveInfinity], Apply<Softplus>(x));
    });

    [Fact]
    public void SiluIsFlatOnTheLeftAndStraightOnTheRight() => Lanes.AtEveryWidth(() =>
    {
        // Over a register's length, so that lanes and tail both see each.
        float[] x = [.. Enumerable.Range(0, 17).SelectMany(_ => new[] { float.NegativeInfinity, -1e30f, 1e30f, float.PositiveInfinity, float.NaN })];
        float[] y = Apply<Silu>(x), ones = [.. Enumerable.Repeat(1f, x.Length)], slopes = new float[x.Length];
        Simd.Run(new UnaryBackward<Silu> { X = x, GradY = ones, GradX = slopes });
        for (int i = 0; i < x.Length; i += 5)
        {
            Assert.Equal([0f, 0f, 1e30f, float.PositiveInfinity, float.NaN], y[i..(i + 5)]);
            Assert.Equal([0f, 0f, 1f, 1f, float.NaN], slopes[i..(i + 5)]);
        }
    });

    [Fact]
    public void NotANumberStaysOne() => Lanes.AtEveryWidth(() =>
    {
        float[] x = [.. Enumerable.Repeat(float.NaN, 17)];
        Assert.All(Apply<Exp>(x), v => Assert.True(float.IsNaN(v)));
        Assert.All(Apply<Sigmoid>(x), v => Assert.True(float.IsNaN(v)));
        Assert.All(Apply<Tanh>(x), v => Assert.True(float.IsNaN(v)));
        Assert.All(Apply<Softplus>(x), v => Assert.True(float.IsNaN(v)));
    });

    private static double Log1p(double u) => u - u * u / 2 + u * u * u / 3;

    private static float[] Apply<TOp>(float[] x)
        where TOp : struct, IUnaryOp
    {
        float[] y = new float[x.Length];
        Simd.Run(new UnaryForward<TOp> { X = x, Y = y });
        return y;
    }

    // Results below the smallest normal float may be flushed to zero.
    private static void AssertRelative<TOp>(float[] x, Func<double, double> exact, double tolerance)
        where TOp : struct, IUnaryOp
    {
        Lanes.AtEveryWidth(() =>
        {
            float[] y = Apply<TOp>(x);
            for (int i = 0; i < x.Length; i++)
            {
                double expected = exact(x[i]);
                if (!(Math.Abs(y[i] - expected) <= tolerance * Math.Abs(expected) + 1.2e-38))
                    Assert.Fail($"{typeof(TOp).Name}({x[i]:R}) is {y[i]:R}, exactly {expected:R}: {Math.Abs(y[i] / expected - 1) / Ulp:F1} ulp");
            }
        });
    }

    private static void AssertSlope<TOp>(float[] x)
        where TOp : struct, IUnaryOp
    {
        const double Step = 1e-5;
        Lanes.AtEveryWidth(() =>
        {
            float[] ones = [.. Enumerable.Repeat(1f, x.Length)], slopes = new float[x.Length];
            Simd.Run(new UnaryBackward<TOp> { X = x, GradY = ones, GradX = slopes });
            for (int i = 0; i < x.Length; i++)
                Assert.Equal((Exact(x[i] + Step) - Exact(x[i] - Step)) / (2 * Step), slopes[i], 1e-6);
        });

        static double Exact(double v) => default(TOp).Value(DoubleLane.From(v)).Value;
    }
}
