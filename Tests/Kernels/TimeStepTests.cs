using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The time step of one token, whose heads seldom fill registers.</summary>
[Collection(Lanes.Name)]
public class TimeStepTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(17)]
    [InlineData(24)]
    public void OneRowOfAnyHeads(int heads) => Lanes.AtEveryWidth(() =>
    {
        float[] raw = [.. Enumerable.Range(0, heads).Select(i => 0.7f * i - 3f)], bias = [.. Enumerable.Range(0, heads).Select(i => 0.1f * i)], dt = new float[heads + 1];
        raw[^1] = float.NaN;
        dt[^1] = -7f;
        Simd.Run(new TimeStepForward { Raw = raw, Bias = bias, Low = 0.2f, High = 2f, Dt = dt.AsSpan(0, heads) });
        for (int i = 0; i < heads - 1; i++)
            Assert.Equal(Math.Clamp(Math.Log(1 + Math.Exp((double)raw[i] + bias[i])), 0.2, 2), dt[i], 1e-6);
        Assert.True(float.IsNaN(dt[heads - 1]));
        Assert.Equal(-7f, dt[heads]);   // nobody's
    });
}
