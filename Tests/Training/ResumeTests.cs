using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Tests.Training;

/// <summary>A run that was stopped and resumed has the bits of one that never stopped.</summary>
[Collection(Lanes.Name)]
public class ResumeTests
{
    [Fact]
    public void AResumedRunHasTheBitsOfOneThatNeverStopped()
    {
        using TemporaryFolder folder = new();
        TinyRun whole = new(), first = new(), second = new(seed: 9);
        TrainingResult result = whole.Run(TinyRun.Options);

        Assert.True(first.Run(TinyRun.Options, folder.Path, until: 17).Interrupted);
        TrainingResult resumed = second.Run(TinyRun.Options, folder.Path);

        Assert.Equal(17, second.ResumedFrom?.Step);
        Assert.Equal([5, 10, 15, 17], first.Saved.Select(s => s.Step));
        Assert.Equal([20, 25, 30, 35, 40], second.Saved.Select(s => s.Step));
        Assert.Equal(whole.State(), second.State());
        Assert.Equal(Numbers(whole), [.. Numbers(first), .. Numbers(second)]);
        Assert.Equal(Measured(whole), [.. Measured(first), .. Measured(second)]);
        Assert.Equal([10, 20, 30, 40], whole.Validations.Select(v => v.Step));
        Assert.Equal((result.Steps, result.Tokens, result.FinalLoss, false), (resumed.Steps, resumed.Tokens, resumed.FinalLoss, resumed.Interrupted));
        Assert.True(resumed.Elapsed > second.Steps[^1].Elapsed - second.Steps[0].Elapsed, "the time before the interruption counts");
    }

    [Fact]
    public void IdenticalRunsHaveTheSameBitsOnAnyNumberOfThreads()
    {
        TinyRun one = Lanes.WithThreads(1, Whole);
        foreach (int threads in new[] { 1, 2 })
        {
            TinyRun other = Lanes.WithThreads(threads, Whole);
            Assert.Equal(Numbers(one), Numbers(other));
            Assert.Equal(one.State(), other.State());
        }

        static TinyRun Whole()
        {
            TinyRun run = new();
            run.Run(TinyRun.Options);
            return run;
        }
    }

    [Fact]
    public void ACheckpointIsAModelFolderWithTheWeightsOfItsStep()
    {
        using TemporaryFolder folder = new();
        TinyRun run = new();
        run.Run(TinyRun.Options with { Steps = 5 }, folder.Path);
        using var model = SpikeEngine.Model.Checkpoints.Checkpoint.Open(run.Saved[^1].Folder);
        float[] values = new float[run.Model.Embedding.Count];
        model.ReadFloats(run.Model.Embedding.Path, values);
        Assert.Equal(run.Model.Embedding.Values.ToArray(), values);
    }

    [Fact]
    public void AFinishedRunThatIsResumedDoesNothing()
    {
        using TemporaryFolder folder = new();
        new TinyRun().Run(TinyRun.Options with { Steps = 6 }, folder.Path);
        TinyRun again = new();
        TrainingResult result = again.Run(TinyRun.Options with { Steps = 6 }, folder.Path);
        Assert.Equal((6, false), (result.Steps, result.Interrupted));
        Assert.Empty(again.Steps);
        Assert.Empty(again.Saved);
        Assert.Empty(again.Validations);
    }

    [Fact]
    public void AModelOfOtherSizesIsRefusedByTheFieldsName()
    {
        using TemporaryFolder folder = new();
        new TinyRun().Run(TinyRun.Options with { Steps = 2 }, folder.Path);
        var error = Assert.Throws<InvalidDataException>(
            () => new TinyRun(config: TinyModels.Config with { DState = 8 }).Run(TinyRun.Options, folder.Path));
        Assert.Contains("state_size is '16' in the checkpoint and '8' now", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherOptimizerIsRefusedByName()
    {
        using TemporaryFolder folder = new();
        TinyRun run = new();
        run.Run(TinyRun.Options with { Steps = 2 }, folder.Path);
        using CheckpointFolder checkpoints = new(folder.Path, run.Model);
        Trainer trainer = new(TinyRun.Options, run.Objective, new Still(), run.Average) { Checkpoints = checkpoints };
        var error = Assert.Throws<InvalidDataException>(() => trainer.Resume());
        Assert.Contains("optimizer is 'AdamW' in the checkpoint and 'Still' now", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherDataIsRefusedByName()
    {
        using TemporaryFolder folder = new();
        TinyRun run = new();
        run.Run(TinyRun.Options with { Steps = 2 }, folder.Path);
        using CheckpointFolder checkpoints = new(folder.Path, run.Model);
        LanguageModelObjective other = new(run.Model, TinyModels.Batches(run.Model.Config, batch: 2, length: 20, tokens: 501));
        Trainer trainer = new(TinyRun.Options, other, run.Optimizer, run.Average) { Checkpoints = checkpoints };
        Assert.Contains("objective.data is", Assert.Throws<InvalidDataException>(() => trainer.Resume()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AveragedWeightsCannotComeOrGo()
    {
        using TemporaryFolder folder = new();
        TinyRun run = new();
        run.Run(TinyRun.Options with { Steps = 2 }, folder.Path);
        using CheckpointFolder checkpoints = new(folder.Path, run.Model);
        Trainer trainer = new(TinyRun.Options, run.Objective, run.Optimizer) { Checkpoints = checkpoints };
        Assert.Contains("average is", Assert.Throws<InvalidDataException>(() => trainer.Resume()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunDoesNotBeginAnewWhereAnotherHasCheckpoints()
    {
        using TemporaryFolder folder = new();
        TinyRun run = new();
        run.Run(TinyRun.Options with { Steps = 2 }, folder.Path);
        using CheckpointFolder checkpoints = new(folder.Path, run.Model);
        Trainer trainer = new(TinyRun.Options, run.Objective, run.Optimizer, run.Average) { Checkpoints = checkpoints };
        Assert.Contains("step-00000002", Assert.Throws<IOException>(() => trainer.Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AValidationThatWasInterruptedIsDoneAfterTheResume()
    {
        using TemporaryFolder folder = new();
        TinyRun first = new(), second = new();
        Assert.True(first.Run(TinyRun.Options, folder.Path, until: 10).Interrupted);
        Assert.Empty(first.Validations);
        second.Run(TinyRun.Options with { Steps = 12 }, folder.Path);
        Assert.Equal([10, 12], second.Validations.Select(v => v.Step));
    }

    [Fact]
    public void ARunThatWasStoppedInItsLastValidationIsNotFinished()
    {
        using TemporaryFolder folder = new();
        TinyRun first = new(), second = new();
        Assert.True(first.Run(TinyRun.Options with { Steps = 10 }, folder.Path, until: 10).Interrupted);
        Assert.False(second.Run(TinyRun.Options with { Steps = 10 }, folder.Path).Interrupted);
        Assert.Equal([10], second.Validations.Select(v => v.Step));
    }

    [Fact]
    public void CheckpointsCanGoByTime()
    {
        using TemporaryFolder folder = new();
        TinyRun run = new();
        run.Run(TinyRun.Options with { Steps = 4, CheckpointSteps = 0, CheckpointTime = TimeSpan.FromTicks(1) }, folder.Path);
        Assert.Equal([1, 2, 3, 4], run.Saved.Select(s => s.Step));
    }

    /// <summary>Everything of the steps but the times.</summary>
    private static List<string> Numbers(TinyRun run) =>
        [.. run.Steps.Select(s => $"{s.Step} {Bits(s.Loss)} {Bits(s.SmoothedLoss)} {s.LearningRate} {Bits(s.GradientNorm)} {s.Tokens} {s.SkippedSteps}")];

    private static List<string> Measured(TinyRun run) => [.. run.Validations.Select(v => $"{v.Step} {Bits(v.Metrics["sum"])}")];

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    private sealed class Still : Optimizer
    {
        public override long StepCount { get; set; }

        public override void Step(float learningRate)
        {
        }

        public override void Visit(IStateVisitor state)
        {
        }
    }
}
