using SpikeEngine.Model;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Training.Distillation;

/// <summary>What a teacher says of a text, from disk.</summary>
[Collection(Lanes.Name)]
public sealed class TeacherTopKTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Mamba2LanguageModel _teacher = TinyModels.Dense();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AllTokensAreTheDivergenceOfALiveTeacher()
    {
        int length = 40, vocabulary = _teacher.Config.VocabSize;
        TokenList text = new(TinyModels.Tokens(9 * length + 1, vocabulary));
        Mamba2LanguageModel student = TinyModels.Student(_teacher);
        DistillationOptions options = new() { HiddenWeight = 0f, CrossEntropyWeight = 0.5f };
        using TeacherTopK topK = TeacherTopK.OpenOrBuild(_folder.Path, _teacher, text, vocabulary, length, resetState: false, null, default);
        DistillationObjective live = new(_teacher, student, Batches(), options), cached = new(_teacher, student, Batches(), options with { TeacherTopK = vocabulary }, topK);
        for (int batch = 0; batch < 7; batch++)
            Assert.Equal(Loss(live), Loss(cached), 1e-4);

        TokenBatches Batches() => new(text, 2, length, seed: 1, movesCuts: false);
    }

    [Fact]
    public void TheLikeliestComeFirstAndTheFileIsUsedAgain()
    {
        TokenList text = new(TinyModels.Tokens(3_000, _teacher.Config.VocabSize));
        int builds = 0;
        CountingProgress progress = new(() => builds++);
        int[] ids = new int[2 * 5];
        float[] values = new float[2 * 5];
        for (int time = 0; time < 2; time++)
        {
            using TeacherTopK topK = TeacherTopK.OpenOrBuild(_folder.Path, _teacher, text, 5, 512, resetState: false, progress, default);
            topK.Read(2_000, ids, values);
            Assert.Throws<ArgumentOutOfRangeException>(() => topK.Read(2_999, ids, values));
        }

        Assert.InRange(builds, 1, 3);   // batches of the first time only
        int[] window = new int[2_001 - 3 * 512];
        text.Read(3 * 512, window);
        float[] logits = _teacher.Forward(window, batch: 1).Values[^_teacher.Config.VocabSize..].ToArray();
        Assert.Equal(logits.Select((v, i) => (v, i)).OrderByDescending(t => t.v).Take(5).Select(t => t.i), ids[..5]);
        Assert.True(values[..5].Zip(values[1..5]).All(p => p.First >= p.Second));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void WhatCannotGoTogetherIsRefused()
    {
        TokenBatches batches = TinyModels.Batches(_teacher.Config, batch: 1, length: 8);
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new DistillationObjective(_teacher, TinyModels.Student(_teacher), batches, new DistillationOptions { TeacherTopK = 4 }));
        Assert.Contains("hidden_weight", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => new DistillationObjective(_teacher, TinyModels.Student(_teacher), batches, new DistillationOptions { TeacherTopK = 4, HiddenWeight = 0f, ReverseShare = 0.5f }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => TeacherTopK.OpenOrBuild(_folder.Path, _teacher, new TokenList([1, 2]), 1_000, 1, resetState: false, null, default));
    }

    private static double Loss(DistillationObjective objective)
    {
        objective.Next();
        return objective.Loss().Item();
    }

    private sealed class CountingProgress(Action count) : IProgress<double>
    {
        public void Report(double value) => count();
    }
}
