using CsCheck;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public class SamplerTests
{
    private const double Rounding = 1e-5;

    private static readonly float[] s_logits = [0.5f, 3f, -1f, 2f, 3f, 2.5f];

    [Fact]
    public void TemperatureZeroTakesTheFirstOfTheMostLikely() =>
        Assert.Equal(1, new Sampler(new SamplingOptions { Temperature = 0f }).Next(s_logits));

    [Fact]
    public void ZeroAndMinusZeroAreEqual() => Assert.Equal(1, Sampler.ArgMax([-1f, -0f, 0f]));

    [Fact]
    public void TheLargestIsFoundInLogitsOfAnyLength() => Gen.Int[-3, 3].Select(i => (float)i).Array[1, 200].Sample(logits =>
        Assert.Equal(Array.IndexOf(logits, logits.Max()), new Sampler(new SamplingOptions { Temperature = 0f }).Next(logits)));

    [Fact]
    public void OnlyTheMostLikelyTokensAreDrawn() => Assert.Equal([1, 4, 5], Draw(new SamplingOptions { TopK = 3 }, 500).Distinct().Order());

    [Fact]
    public void EqualTokensAtTheEndOfTopKAreAllKept() =>
        Assert.Equal([1, 4], Draw(new SamplingOptions { TopK = 1 }, 100).Distinct().Order());

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

    /// <summary>Logits in quarters, so that many are equal, of every length and every combination of filters.</summary>
    [Fact]
    public void WhatIsDrawnFromIsWhatTheReferenceKeeps() =>
        (from logits in Gen.Int[-24, 24].Select(i => i / 4f).Array[1, 400]
         from text in Gen.Int[0, logits.Length - 1].Array[0, 12]
         from temperature in Gen.OneOf(Gen.Const(0.5f), Gen.Const(1f), Gen.Float[0.1f, 3f])
         from topK in Gen.OneOf(Gen.Const(0), Gen.Int[1, 3], Gen.Int[1, 500])
         from topP in Gen.OneOf(Gen.Const(1f), Gen.Float[0.01f, 1f])
         from minP in Gen.OneOf(Gen.Const(0f), Gen.Float[0f, 1f])
         from penalty in Gen.OneOf(Gen.Const(1f), Gen.Const(0.5f), Gen.Const(2f), Gen.Float[1f, 2f])
         from window in Gen.Int[0, 6]
         select (logits, text, options: new SamplingOptions
         {
             Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, RepetitionPenalty = penalty, RepetitionWindow = window,
         })).Sample(
             x =>
             {
                 double[] expected = NaiveSampling.Probabilities(x.logits, x.text, x.options, out double margin);
                 if (margin < Rounding)
                     return;
                 Sampler sampler = new(x.options);
                 foreach (int token in x.text)
                     sampler.Observe(token);
                 int drawn = sampler.Next(x.logits);

                 Assert.Equal([.. Enumerable.Range(0, expected.Length).Where(i => expected[i] > 0)], sampler.Candidates.ToArray());
                 Assert.Contains(drawn, sampler.Candidates.ToArray());
                 double total = sampler.CandidateWeights.ToArray().Sum(w => (double)w);
                 foreach ((int token, float weight) in sampler.Candidates.ToArray().Zip(sampler.CandidateWeights.ToArray()))
                     Assert.Equal(expected[token], weight / total, Rounding);
             },
             iter: 2_000);

    [Theory]
    [InlineData(40, 1f, 0f)]
    [InlineData(5_000, 1f, 0f)]
    [InlineData(0, 0.9f, 0f)]
    [InlineData(0, 1f, 0.05f)]
    public void ALargeVocabularyIsFilteredLikeASmallOne(int topK, float topP, float minP)
    {
        float[] logits = Vocabulary();
        SamplingOptions options = new() { TopK = topK, TopP = topP, MinP = minP };
        double[] expected = NaiveSampling.Probabilities(logits, [], options, out double margin);
        Assert.True(margin > 0);
        Sampler sampler = new(options);
        sampler.Next(logits);

        // A single float's rounding may move the end of the kept set where thousands of tokens make it up.
        int kept = expected.Count(p => p > 0);
        Assert.InRange(sampler.Candidates.Length, kept - kept / 1000, kept + kept / 1000);
    }

    [Fact]
    public void TheLikeliestTokenIsAlwaysKept()
    {
        SamplingOptions narrow = new() { TopK = 0, TopP = float.Epsilon, MinP = 1f };
        Assert.All(Draw(narrow, 50), token => Assert.Equal(1, token));
    }

    [Fact]
    public void ATinyTemperatureIsGreedyAndAHugeOneUniform()
    {
        Assert.Equal([1, 4], Draw(new SamplingOptions { Temperature = float.Epsilon, TopK = 0 }, 50).Distinct().Order());
        Assert.Equal(6, Draw(new SamplingOptions { Temperature = float.MaxValue, TopK = 0 }, 500).Distinct().Count());
        float[] far = [float.MinValue, float.MaxValue];
        Assert.Equal(1, new Sampler(new SamplingOptions { TopK = 0 }).Next(far));
    }

    [Fact]
    public void RepeatedTokensArePenalisedInGreedyChoicesToo()
    {
        Sampler sampler = new(new SamplingOptions { Temperature = 0f, RepetitionPenalty = 2f, RepetitionWindow = 2 });
        List<int> chosen = [];
        for (int i = 0; i < 4; i++)
        {
            chosen.Add(sampler.Next(s_logits));
            sampler.Observe(chosen[^1]);
        }

        Assert.Equal([1, 4, 5, 1], chosen);
    }

    [Fact]
    public void TokensThatTheModelDoesNotHaveAreRefused()
    {
        Sampler sampler = new(new SamplingOptions { RepetitionPenalty = 2f });
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Observe(-1));
        sampler.Observe(6);
        Assert.Contains("Token 6", Assert.Throws<ArgumentException>(() => sampler.Next(s_logits)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Sampler(new SamplingOptions()).Next([]));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.8f)]
    public void LogitsThatAreNotNumbersAreRefused(float temperature)
    {
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            Assert.Throws<InvalidDataException>(() => new Sampler(new SamplingOptions { Temperature = temperature }).Next([0f, bad, 1f]));
    }

    [Fact]
    public void ASeedRepeatsItsChoices()
    {
        Assert.Equal(Draw(new SamplingOptions { Seed = 4 }, 100), Draw(new SamplingOptions { Seed = 4 }, 100));
        Assert.NotEqual(Draw(new SamplingOptions { Seed = 4 }, 100), Draw(new SamplingOptions { Seed = 5 }, 100));
    }

    [Fact]
    public void AfterTheFirstTokenNothingIsAllocated()
    {
        float[] logits = Vocabulary();
        foreach (SamplingOptions options in (SamplingOptions[])
            [new(), new() { Temperature = 0f }, new() { TopK = 0, TopP = 0.9f, MinP = 0.01f, RepetitionPenalty = 1.1f, RepetitionWindow = 64 }])
        {
            Sampler sampler = new(options);
            sampler.Observe(sampler.Next(logits));
            Assert.Equal(0, Allocated.ByOne(() =>
            {
                for (int i = 0; i < 100; i++)
                    sampler.Observe(sampler.Next(logits));
            }));
        }
    }

    [Theory]
    [InlineData("Temperature", -1f, 0, 1f, 0f, 1f, 0)]
    [InlineData("Temperature", float.NaN, 0, 1f, 0f, 1f, 0)]
    [InlineData("Temperature", float.PositiveInfinity, 0, 1f, 0f, 1f, 0)]
    [InlineData("TopK", 1f, -1, 1f, 0f, 1f, 0)]
    [InlineData("TopP", 1f, 0, 0f, 0f, 1f, 0)]
    [InlineData("TopP", 1f, 0, 1.1f, 0f, 1f, 0)]
    [InlineData("TopP", 1f, 0, float.NaN, 0f, 1f, 0)]
    [InlineData("MinP", 1f, 0, 1f, -0.1f, 1f, 0)]
    [InlineData("MinP", 1f, 0, 1f, 1.1f, 1f, 0)]
    [InlineData("RepetitionPenalty", 1f, 0, 1f, 0f, 0f, 0)]
    [InlineData("RepetitionPenalty", 1f, 0, 1f, 0f, float.PositiveInfinity, 0)]
    [InlineData("RepetitionWindow", 1f, 0, 1f, 0f, 1f, -1)]
    public void OptionsOutOfRangeAreRefusedByName(string name, float temperature, int topK, float topP, float minP, float penalty, int window)
    {
        SamplingOptions options = new()
        {
            Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, RepetitionPenalty = penalty, RepetitionWindow = window,
        };
        Assert.StartsWith(name + " is ", Assert.Throws<ArgumentException>(() => new Sampler(options)).Message, StringComparison.Ordinal);
    }

    private static int[] Draw(SamplingOptions options, int count)
    {
        Sampler sampler = new(options);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Next(s_logits))];
    }

    private static float[] Vocabulary()
    {
        SeededRandom random = new(3, "logits");
        return [.. Enumerable.Range(0, 50_288).Select(_ => 3f * random.NextNormal())];
    }
}
