using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Distillation;

namespace SpikeEngine.Tests.Training.Distillation;

/// <summary>A distillation with everything switched on that is stopped and resumed is the one that never stopped.</summary>
[Collection(Lanes.Name)]
public sealed class DistillationResumeTests : IDisposable
{
    private const int Steps = 12, StopAt = 5, Length = 20, K = 6;
    private const double Target = 0.2, RampShare = 0.5;

    private static readonly DistillationOptions s_live = new()
    {
        CrossEntropyWeight = 0.2f, ReverseShare = 0.3f, Temperature = 1.5f, Hidden = new() { Point = HiddenPoint.PostNorm, Form = HiddenForm.Mse },
        Activity = new() { Target = Target, RampShare = RampShare }, Compensation = 0.25f, CompensationAnnealShare = 0.8,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly Mamba2LanguageModel _teacher = TinyModels.Dense();
    private readonly TokenList _text = new(TinyModels.Tokens(500, TinyModels.Config.VocabSize));

    [Theory]
    [InlineData(false, CompensationForm.ValuePreserving)]
    [InlineData(true, CompensationForm.ValuePreserving)]
    [InlineData(false, CompensationForm.OwnBranch)]
    public void AResumedRunHasTheBitsOfAWholeOne(bool fromDisk, CompensationForm form)
    {
        Mamba2LanguageModel whole = Student(form), stopped = Student(form), resumed = Student(form);
        List<IReadOnlyDictionary<string, double>> expected = Run(whole, "whole", Steps, fromDisk);
        List<IReadOnlyDictionary<string, double>> actual = Run(stopped, "parts", StopAt, fromDisk);
        Assert.Equal(StopAt, actual.Count);
        actual.AddRange(Run(resumed, "parts", Steps, fromDisk));

        Assert.Equal(expected, actual);
        Assert.Equal(TinyModels.Values(whole), TinyModels.Values(resumed));
    }

    [Fact]
    public void TheTargetFallsByEqualFactorsFromTheFirstRateToTheWantedOne()
    {
        double[] targets = [.. Run(Student(), "ramp", Steps, fromDisk: false).Select(m => m["activity_target"])];
        Assert.True(targets[0] > 1.3 * Target, $"it begins at {targets[0]}");
        for (int step = 0; step < Steps; step++)
        {
            double done = Math.Min(1, step / (RampShare * Steps));
            Assert.Equal(targets[0] * Math.Pow(Target / targets[0], done), targets[step], 1e-12);
        }
    }

    [Fact]
    public void AnotherTeacherCannotGoOn()
    {
        Run(Student(), "run", StopAt, fromDisk: false);
        Assert.Contains(
            "teacher",
            Assert.Throws<InvalidDataException>(() => Run(Student(), "run", Steps, fromDisk: false, TinyModels.Dense(seed: 7))).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Mamba2LanguageModel Student(CompensationForm form = CompensationForm.ValuePreserving) =>
        _teacher.ToSpikingStudent(new SpikingConfig { OwnThresholds = true }, new SmoothedCompensation(form));

    private List<IReadOnlyDictionary<string, double>> Run(
        Mamba2LanguageModel student, string folder, int stopAt, bool fromDisk, Mamba2LanguageModel? teacher = null)
    {
        using TeacherTopK? topK = fromDisk ? TeacherTopK.OpenOrBuild(_folder.File("cache"), _teacher, _text, K, Length, resetState: false, null, default) : null;
        DistillationOptions options = fromDisk ? s_live with { TeacherTopK = K, HiddenWeight = 0f, ReverseShare = 0f, Temperature = 1f } : s_live;
        TokenBatches batches = new(_text, 2, Length, seed: 1, movesCuts: !fromDisk);
        DistillationObjective objective = new(teacher ?? _teacher, student, batches, options, topK);
        using CheckpointFolder checkpoints = new(_folder.File(folder), student);
        using CancellationTokenSource stop = new();
        List<IReadOnlyDictionary<string, double>> metrics = [];
        Trainer trainer = new(new TrainerOptions { Steps = Steps, LearningRate = 3e-3f, MicroBatches = 2 }, objective, new AdamW(objective.Parameters))
        {
            Checkpoints = checkpoints,
        };
        trainer.Resume();
        trainer.Run(new StepObserver(progress =>
        {
            metrics.Add(progress.Metrics);
            if (progress.Step == stopAt)
                stop.Cancel();
        }), stop.Token);
        return metrics;
    }
}
