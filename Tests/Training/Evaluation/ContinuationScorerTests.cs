using SpikeEngine.Model;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation;

public class ContinuationScorerTests
{
    [Fact]
    public void ScoresAreThoseOfEachContinuationAlone()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        int[] ids = TinyModels.Tokens(2_000, model.Config.VocabSize);
        Continuation[] continuations =
            [.. Enumerable.Range(0, 150).Select(i => new Continuation(ids[i..(i + 1 + i % 50)], ids[(3 * i)..(3 * i + 1 + i % 17)]))];

        float[] scores = ContinuationScorer.Score(model, continuations, CancellationToken.None);

        for (int i = 0; i < continuations.Length; i++)
        {
            (int[] context, int[] tokens) = continuations[i];
            double expected = -TinyText.NaiveLosses(model, [.. context, .. tokens]).TakeLast(tokens.Length).Sum();
            Assert.Equal(expected, scores[i], 1e-3);
        }
    }

    /// <summary>Contexts of their own, shared ones, long and short, continuations of one token and of many.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADecodersScoresAreThoseOfEachContinuationAlone(bool spiking)
    {
        Mamba2LanguageModel model = spiking ? TinyModels.Student(TinyModels.Dense()) : TinyModels.Dense();
        int[] ids = TinyModels.Tokens(2_000, model.Config.VocabSize);
        List<Continuation> continuations = [];
        for (int i = 0; i < 40; i++)
        {
            int[] context = ids[i..(i + 1 + i % 5 * 13)];
            for (int choice = 0; choice <= i % 4; choice++)
                continuations.Add(new Continuation(context, ids[(30 * i + choice)..(30 * i + choice + 1 + (i + choice) % 9)]));
        }

        SeenProgress<int> progress = new();
        ContinuationScore[] scores = ContinuationScorer.Score(new Mamba2Decoder(model), continuations, CancellationToken.None, progress);

        for (int i = 0; i < scores.Length; i++)
        {
            (int[] context, int[] tokens) = continuations[i];
            double expected = -TinyText.NaiveLosses(model, [.. context, .. tokens]).TakeLast(tokens.Length).Sum();
            Assert.Equal(expected, scores[i].LogLikelihood, spiking ? 0.05 : 1e-3);   // a spike more or less, where sums are rounded differently
        }

        Assert.Equal(continuations.Count, progress.Values[^1]);
        Assert.Equal(progress.Values.Order(), progress.Values);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void WhatGreedyDecodingWritesIsGreedyAndNothingElse(int contextLength)
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        Mamba2Decoder decoder = new(model);
        int[] context = TinyModels.Tokens(contextLength, model.Config.VocabSize);
        DecoderSession session = decoder.NewSession();
        int next = Sampler.ArgMax(session.Prefill(context));
        List<int> greedy = [];
        for (int i = 0; i < 6; i++)
        {
            greedy.Add(next);
            next = Sampler.ArgMax(session.Step(next));
        }

        int other = (greedy[^1] + 1) % model.Config.VocabSize;
        ContinuationScore[] scores = ContinuationScorer.Score(
            decoder, [new(context, [.. greedy]), new(context, [.. greedy[..^1], other]), new(context, [other]), new(context, [greedy[0]])], CancellationToken.None);

        Assert.Equal([true, false, other == greedy[0], true], scores.Select(score => score.IsGreedy));
    }

    [Fact]
    public void EmptyContextsAndContinuationsAreRefused()
    {
        Mamba2Decoder decoder = new(TinyModels.Dense());
        Assert.Throws<ArgumentException>(() => ContinuationScorer.Score(decoder, [new([], [1])], CancellationToken.None));
        Assert.Throws<ArgumentException>(() => ContinuationScorer.Score(decoder, [new([1], [])], CancellationToken.None));
    }
}
