using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Tests.Training.Alignment;

/// <summary>An alignment run that is stopped and resumed in the middle of a pass is the run that never stopped.</summary>
public sealed class AlignmentResumeTests : IDisposable
{
    private const int Steps = 5, StopAt = 2;

    private readonly ToyPreferences _toy = new();
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("dpo")]
    [InlineData("kto")]
    public void AResumedRunHasTheBitsOfAWholeOne(string method)
    {
        Mamba2LanguageModel whole = _toy.Policy(spiking: true), stopped = _toy.Policy(spiking: true), resumed = _toy.Policy(spiking: true);
        List<IReadOnlyDictionary<string, double>> expected = Run(whole, _toy.Objective(method, whole), "whole", stopAt: Steps);
        List<IReadOnlyDictionary<string, double>> actual = Run(stopped, _toy.Objective(method, stopped), "parts", StopAt);
        Assert.Equal(StopAt, actual.Count);
        actual.AddRange(Run(resumed, _toy.Objective(method, resumed), "parts", stopAt: Steps));

        Assert.Equal(expected, actual);
        Assert.Equal(TinyModels.Values(whole), TinyModels.Values(resumed));
    }

    [Fact]
    public void OtherDataAnotherReferenceOrAnotherSeedCannotBeResumed()
    {
        Mamba2LanguageModel policy = _toy.Policy(), other = TinyModels.Dense(policy.Config, seed: 2);
        Run(policy, _toy.Objective("dpo", policy), "run", StopAt);

        AssertRefused(_toy.Policy(), "kto", "preferences_and_reference");
        AssertRefused(other, "dpo", "preferences_and_reference");
        AssertRefused(_toy.Policy(), "dpo", "seed", seed: 6);
    }

    public void Dispose()
    {
        _toy.Dispose();
        _folder.Dispose();
    }

    private void AssertRefused(Mamba2LanguageModel policy, string method, string name, ulong seed = 5) => Assert.Contains(
        name,
        Assert.Throws<InvalidDataException>(() => Run(policy, _toy.Objective(method, policy, seed: seed), "run", Steps)).Message,
        StringComparison.Ordinal);

    private List<IReadOnlyDictionary<string, double>> Run(Mamba2LanguageModel policy, PreferenceObjective objective, string folder, int stopAt)
    {
        using CheckpointFolder checkpoints = new(_folder.File(folder), policy);
        using CancellationTokenSource stop = new();
        Observer observer = new(stop, stopAt);
        TrainerOptions options = new() { Steps = Steps, LearningRate = 3e-3f, MicroBatches = 2 };
        Trainer trainer = new(options, objective, new AdamW(objective.Parameters, new AdamWOptions())) { Checkpoints = checkpoints };
        trainer.Resume();
        trainer.Run(observer, stop.Token);
        return observer.Metrics;
    }

    private sealed class Observer(CancellationTokenSource stop, int stopAt) : ITrainingObserver
    {
        public List<IReadOnlyDictionary<string, double>> Metrics { get; } = [];

        public void Stepped(TrainingProgress progress)
        {
            Metrics.Add(progress.Metrics);
            if (progress.Step == stopAt)
                stop.Cancel();
        }
    }
}
