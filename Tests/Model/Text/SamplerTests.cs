using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public class SamplerTests
{
    private static readonly float[] s_logits = [0.5f, 3f, -1f, 2f, 3f, 2.5f];

    [Fact]
    public void TemperatureZeroTakesTheFirstOfTheMostLikely() =>
        Assert.Equal(1, new Sampler(new SamplingOptions { Temperature = 0f }).Next(s_logits));

    [Fact]
    public void OnlyTheMostLikelyTokensAreDrawn() => Assert.Equal([1, 4, 5], Draw(new SamplingOptions { TopK = 3 }, 500).Distinct().Order());

    [Fact]
    public void OneCandidateIsGreedy() => Assert.All(Draw(new SamplingOptions { TopK = 1 }, 20), token => Assert.Equal(3f, s_logits[token]));

    [Fact]
    public void WithoutALimitFrequenciesAreTheSoftmax()
    {
        const int Count = 40_000;
        const float Temperature = 2f;
        int[] drawn = Draw(new SamplingOptions { Temperature = Temperature, TopK = 0 }, Count);
        double[] weights = [.. s_logits.Select(l => Math.Exp(l / Temperature))];
        for (int token = 0; token < s_logits.Length; token++)
            Assert.Equal(weights[token] / weights.Sum(), drawn.Count(t => t == token) / (double)Count, 0.01);
    }

    [Fact]
    public void ASeedRepeatsItsChoices()
    {
        Assert.Equal(Draw(new SamplingOptions { Seed = 4 }, 100), Draw(new SamplingOptions { Seed = 4 }, 100));
        Assert.NotEqual(Draw(new SamplingOptions { Seed = 4 }, 100), Draw(new SamplingOptions { Seed = 5 }, 100));
    }

    [Theory]
    [InlineData(-1f, 0)]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 0)]
    [InlineData(1f, -1)]
    public void OptionsOutOfRangeAreRefused(float temperature, int topK) =>
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions { Temperature = temperature, TopK = topK }));

    private static int[] Draw(SamplingOptions options, int count)
    {
        Sampler sampler = new(options);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Next(s_logits))];
    }
}
