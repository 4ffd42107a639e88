using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The portable functions against the C library's.</summary>
public class DoubleMathTests
{
    private const double Tolerance = 1e-15;

    [Fact]
    public void ExpIsRight()
    {
        for (double x = -700; x < 700; x += 0.0937)
            Assert.Equal(1, DoubleMath.Exp(x) / Math.Exp(x), Tolerance);
        Assert.Equal(1, DoubleMath.Exp(0));
    }

    [Fact]
    public void LogIsRight()
    {
        for (double e = -1_000; e < 1_000; e += 0.0937)
        {
            double x = Math.Pow(2, e);
            Assert.Equal(0, (DoubleMath.Log(x) - Math.Log(x)) / Math.Max(Math.Abs(Math.Log(x)), 1e-3), Tolerance);
        }

        Assert.Equal(0, DoubleMath.Log(1));
        Assert.Equal(1, DoubleMath.Log(1 - 1e-9) / Math.Log(1 - 1e-9), Tolerance);
    }

    [Fact]
    public void CosOfTurnsIsRight()
    {
        for (double t = -2; t < 2; t += 0.000937)
            Assert.Equal(Math.Cos(2 * Math.PI * t), DoubleMath.CosOfTurns(t), 2 * Tolerance);
        Assert.Equal([1, 0, -1, 0, 1], new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(DoubleMath.CosOfTurns));
    }

    [Fact]
    public void PowIsRight()
    {
        foreach (int n in new[] { 0, 1, 2, 3, 10, 1_000, 123_456 })
            Assert.Equal(1, DoubleMath.Pow(0.9999, n) / Math.Pow(0.9999, n), 1e-11);
    }
}
