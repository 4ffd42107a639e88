using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Alignment;

[Collection(Lanes.Name)]
public sealed class PreferenceObjectiveTests : IDisposable
{
    private readonly ToyPreferences _toy = new();

    [Theory]
    [InlineData("dpo", false)]
    [InlineData("dpo", true)]
    [InlineData("kto", false)]
    [InlineData("kto", true)]
    public void ATinyModelLearnsAToyPreference(string method, bool spiking)
    {
        Mamba2LanguageModel policy = _toy.Policy(spiking);
        float[] embedding = policy.Embedding.ToArray();
        PreferenceObjective objective = _toy.Objective(method, policy, batchSize: 6);
        AdamW optimizer = new(objective.Parameters, new AdamWOptions(WeightDecay: 0f));
        Workspace workspace = new();
        List<(float Loss, IReadOnlyDictionary<string, double> Metrics)> steps = [];
        for (int step = 0; step < 40; step++)
        {
            objective.Parameters.ZeroGrad();
            steps.Add(ToyPreferences.Run(objective, workspace));
            optimizer.Step(3e-3f);
        }

        Assert.Equal(method == "dpo" ? DpoLoss.AtReference : 0.5f, steps[0].Loss, 1e-3f);
        Assert.True(steps[^1].Loss < 0.6f * steps[0].Loss, $"the loss is {steps[^1].Loss}");
        Assert.True(steps.TakeLast(8).Average(s => s.Metrics["reward_accuracy"]) > 0.9);
        Assert.True(steps[^1].Metrics["reward_margin"] > 1);
        Assert.Null(objective.Warning);
        Assert.Equal(spiking, steps[^1].Metrics.ContainsKey("spike_rate"));
        Assert.Equal(spiking, embedding.AsSpan().SequenceEqual(policy.Embedding.Values));
    }

    [Fact]
    public void TheLossOfDpoIsThatOfEachPairAlone()
    {
        Mamba2LanguageModel policy = _toy.Policy();
        PreferenceObjective objective = _toy.Objective("dpo", policy, batchSize: _toy.Pairs.Count);
        float[] reference = Scores(policy);
        policy.Blocks[0].Parameters().First().Values[0] += 0.5f;
        float[] moved = Scores(policy);
        double expected = Enumerable.Range(0, _toy.Pairs.Count).Average(i =>
            Math.Log(1 + Math.Exp(-0.5 * (moved[2 * i] - reference[2 * i] - (moved[2 * i + 1] - reference[2 * i + 1])))));

        Assert.NotEqual(Math.Log(2), expected, 1e-4);
        Assert.Equal(expected, ToyPreferences.Run(objective, new Workspace()).Loss, 1e-4);

        float[] Scores(Mamba2LanguageModel model) => [.. _toy.Pairs.Continuations.Select(c => -(float)TinyText.NaiveLosses(model, [.. c.Context, .. c.Tokens]).TakeLast(c.Tokens.Length).Sum())];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(48)]
    public void KtoIsDefinedForBatchesOfAnySize(int batchSize)
    {
        Mamba2LanguageModel policy = _toy.Policy();
        PreferenceObjective objective = _toy.Objective("kto", policy, batchSize);
        policy.Blocks[0].Parameters().First().Values[0] += 0.5f;
        HashSet<double> kinds = [];
        for (int batch = 0; batch < 10; batch++)
        {
            (float loss, IReadOnlyDictionary<string, double> metrics) = ToyPreferences.Run(objective, new Workspace());
            Assert.True(float.IsFinite(loss));
            Assert.True(metrics["kl"] >= 0);
            kinds.Add(metrics.Keys.Count(key => key.StartsWith("reward_", StringComparison.Ordinal)));
        }

        // A batch of one has one kind of completion, hence no margin: its reward and the accuracy.
        Assert.Equal(batchSize == 1 ? [2] : [4], kinds.Where(k => batchSize != 3 || k == 4).ToArray());
    }

    [Fact]
    public void TheDivergenceIsThatOfTheMismatchedCompletionsOfTheBatch()
    {
        Mamba2LanguageModel policy = _toy.Policy();
        PreferenceObjective objective = _toy.Objective("kto", policy, batchSize: _toy.Examples.Count);
        Continuation[] mismatched = [.. Enumerable.Range(0, _toy.Examples.Count).Select(_toy.Examples.Mismatched)];
        float[] before = ContinuationScorer.Score(policy, mismatched, CancellationToken.None);
        using (Tape tape = Tape.Begin())
            tape.Backward(-Ops.Mean(new ContinuationBatch(mismatched).LogProbabilities(policy)));
        new AdamW(policy.Store, new AdamWOptions()).Step(1e-2f);
        policy.Store.ZeroGrad();
        float[] after = ContinuationScorer.Score(policy, mismatched, CancellationToken.None);
        double expected = Math.Max(0, after.Zip(before).Average(pair => (double)pair.First - pair.Second));
        Assert.True(expected > 0.1, $"the test needs a divergence, not {expected}");
        Assert.Equal(expected, ToyPreferences.Run(objective, new Workspace()).Metrics["kl"], 1e-3);
    }

    [Fact]
    public void AnEvaluationIsABatchOfAllExamples()
    {
        Mamba2LanguageModel policy = _toy.Policy();
        ReferenceScores pairs = ReferenceScores.Compute(policy, _toy.Pairs.Continuations, null, CancellationToken.None);
        ReferenceScores examples = ReferenceScores.Compute(policy, _toy.Examples.Continuations, null, CancellationToken.None);
        PreferenceObjective dpo = _toy.Objective("dpo", policy, _toy.Pairs.Count), kto = _toy.Objective("kto", policy, _toy.Examples.Count);
        policy.Blocks[0].Parameters().First().Values[0] += 0.5f;
        Metrics ofPairs = new(), ofExamples = new();
        PreferenceEvaluation.Measure(policy, _toy.Pairs, pairs, new DpoOptions { Beta = 0.5f }, ofPairs, CancellationToken.None);
        PreferenceEvaluation.Measure(policy, _toy.Examples, examples, new KtoOptions { Beta = 0.5f }, ofExamples, CancellationToken.None);

        foreach ((PreferenceObjective objective, Metrics measured) in new[] { (dpo, ofPairs), (kto, ofExamples) })
        {
            (float loss, IReadOnlyDictionary<string, double> expected) = ToyPreferences.Run(objective, new Workspace());
            IReadOnlyDictionary<string, double> actual = measured.Means();
            Assert.Equal(["loss", .. expected.Keys], actual.Keys);
            Assert.Equal(loss, actual["loss"], 1e-4);

            // Batches of other shapes round otherwise, and one example at the border may change sides.
            Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key], pair.Key == "reward_accuracy" ? 0.1 : 1e-3));
        }
    }

    [Theory]
    [InlineData("dpo")]
    [InlineData("kto")]
    public void AStepDoesNotDependOnThreads(string method)
    {
        float[][] one = Lanes.WithThreads(1, Step);
        foreach (int threads in new[] { 2, 3, 8 })
            Assert.Equal(one, Lanes.WithThreads(threads, Step));

        float[][] Step()
        {
            PreferenceObjective objective = _toy.Objective(method, _toy.Policy(spiking: true), batchSize: 5);
            float loss = ToyPreferences.Run(objective, new Workspace()).Loss;
            return [[loss], .. objective.Parameters.Parameters.Select(p => p.Grad.ToArray())];
        }
    }

    [Fact]
    public void EveryPassVisitsEveryExampleOnceInAnOrderOfItsOwn()
    {
        ShuffledOrder order = new(11, seed: 3), other = new(11, seed: 4);
        int[] first = [.. Enumerable.Range(0, 11).Select(_ => order.Next())], second = [.. Enumerable.Range(0, 11).Select(_ => order.Next())];
        Assert.Equal(Enumerable.Range(0, 11), first.Order());
        Assert.Equal(Enumerable.Range(0, 11), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(first, [.. Enumerable.Range(0, 11).Select(_ => other.Next())]);
    }

    [Theory]
    [InlineData("dpo", "ln 2 = 0.6931")]
    [InlineData("kto", "0.5 for desirable")]
    public void ALossThatDoesNotMoveIsToldOf(string method, string value)
    {
        Mamba2LanguageModel policy = _toy.Policy();
        PreferenceObjective objective = _toy.Objective(method, policy, batchSize: 1);
        Workspace workspace = new();
        for (int batch = 1; batch < PreferenceObjective.StillBatches; batch++)
            ToyPreferences.Run(objective, workspace);
        Assert.Null(objective.Warning);
        ToyPreferences.Run(objective, workspace);
        Assert.Contains(value, objective.Warning, StringComparison.Ordinal);

        foreach (ref float weight in policy.NormF.Parameters().First().Values)
            weight *= 0.7f;
        ToyPreferences.Run(objective, workspace);
        Assert.Null(objective.Warning);
    }

    [Fact]
    public void WhatDoesNotBelongTogetherIsRefused()
    {
        Mamba2LanguageModel policy = _toy.Policy(), small = TinyModels.Dense(TinyModels.Config with { VocabSize = 20 });
        ReferenceScores few = ReferenceScores.Compute(policy, [.. _toy.Pairs.Continuations.Take(3)], null, CancellationToken.None);
        ReferenceScores scores = ReferenceScores.Compute(policy, _toy.Pairs.Continuations, null, CancellationToken.None);
        Assert.Contains("3 reference scores", Refusal(() => new DpoObjective(policy, _toy.Pairs, few, new DpoOptions(), 2, 1)), StringComparison.Ordinal);
        Assert.Contains("vocabulary of 20", Refusal(() => new DpoObjective(small, _toy.Pairs, scores, new DpoOptions(), 2, 1)), StringComparison.Ordinal);
        Assert.Contains("Beta is 0", Refusal(() => new DpoObjective(policy, _toy.Pairs, scores, new DpoOptions { Beta = 0f }, 2, 1)), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new DpoObjective(policy, _toy.Pairs, scores, new DpoOptions(), 2, 1).Loss());

        static string Refusal(Func<object> make) => Assert.Throws<ArgumentException>(make).Message;
    }

    public void Dispose() => _toy.Dispose();
}
