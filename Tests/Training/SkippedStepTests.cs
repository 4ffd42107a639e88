using System.Buffers;
using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Tests.Training;

/// <summary>Steps whose numbers went wrong, and disks that did.</summary>
public class SkippedStepTests
{
    private static readonly TrainerOptions s_options = TinyRun.Options with { Steps = 20 };

    [Theory]
    [InlineData(Fault.NaNLoss)]
    [InlineData(Fault.InfiniteLoss)]
    [InlineData(Fault.NaNGradient)]
    public void OneBadMicroBatchSkipsItsStepAndNothingElse(Fault fault)
    {
        TinyRun bad = Faulty(fault, microBatch => microBatch == 3 * 5 + 1), without = new();
        TrainingResult result = bad.Run(s_options);
        List<string> after = StateAfter(bad, 6), before = StateAfter(bad, 5);

        Assert.Equal([6], bad.Skipped.Select(s => s.Step));
        Assert.Equal(1, result.SkippedSteps);
        Assert.Equal(1, bad.Steps[5].SkippedSteps);
        Assert.False(double.IsFinite(bad.Skipped[0].Loss) && double.IsFinite(bad.Skipped[0].GradientNorm));
        Assert.Equal(bad.Steps[4].SmoothedLoss, bad.Steps[5].SmoothedLoss);
        Assert.Equal(19, bad.Optimizer.StepCount);

        // Weights, moments and averages are those of before; the data has moved on.
        Assert.Equal(before.Where(IsTensor), after.Where(IsTensor));
        Assert.NotEqual(before.Where(l => !IsTensor(l)), after.Where(l => !IsTensor(l)));

        without.Run(s_options);
        Assert.Equal(without.Steps[4].Loss, bad.Steps[4].Loss);
        Assert.Equal(without.Steps[^1].Tokens, bad.Steps[^1].Tokens);

        static bool IsTensor(string line) => line.Length > 60;
    }

    [Fact]
    public void ManyInARowStopTheRunAndLeaveTheLastGoodCheckpoint()
    {
        using TemporaryFolder folder = new();
        TinyRun run = Faulty(Fault.NaNLoss, microBatch => microBatch >= 3 * 8);
        var error = Assert.Throws<TrainingDivergedException>(() => run.Run(s_options with { MostSkippedInARow = 4, CheckpointSteps = 1 }, folder.Path));

        Assert.Contains("4 steps in a row, 9 to 12", error.Message, StringComparison.Ordinal);
        Assert.Contains("step-00000008", error.Message, StringComparison.Ordinal);
        Assert.Equal([9, 10, 11, 12], run.Skipped.Select(s => s.Step));
        Assert.Equal([1, 2, 3, 4], run.Skipped.Select(s => s.InARow));
        Assert.Equal(8, run.Saved[^1].Step);
        Assert.Equal(8, TrainingCheckpoint.Verify(CheckpointFolder.FindNewest(folder.Path, out _)!));
    }

    [Fact]
    public void ACheckpointWaitsForAStepThatCounts()
    {
        using TemporaryFolder folder = new();
        TinyRun run = Faulty(Fault.NaNLoss, microBatch => microBatch / 3 is 4 or 5);   // steps 5 and 6
        run.Run(s_options, folder.Path);
        Assert.Equal([7, 10, 15, 20], run.Saved.Select(s => s.Step));
    }

    [Fact]
    public void AResumedRunRemembersWhatItHasSkipped()
    {
        using TemporaryFolder folder = new();
        TinyRun whole = Faulty(Fault.NaNLoss, microBatch => microBatch / 3 is 4 or 5);
        whole.Run(s_options);
        Faulty(Fault.NaNLoss, microBatch => microBatch / 3 is 4 or 5).Run(s_options, folder.Path, until: 5);
        TinyRun rest = Faulty(Fault.NaNLoss, microBatch => microBatch / 3 == 0);   // counted from the resume on: step 6
        TrainingResult result = rest.Run(s_options, folder.Path);
        Assert.Equal(2, Assert.Single(rest.Skipped).InARow);
        Assert.Equal(2, result.SkippedSteps);
        Assert.Equal(whole.State(), rest.State());
    }

    [Fact]
    public void WeightsThatAreNotFiniteAreNeverSaved()
    {
        using TemporaryFolder folder = new();
        TinyRun run = new();
        var error = Assert.Throws<TrainingDivergedException>(
            () => run.Run(s_options with { LearningRate = 3e38f, WarmupShare = 0, CheckpointSteps = 1 }, folder.Path));
        Assert.Contains("values that are not finite", error.Message, StringComparison.Ordinal);
        Assert.Empty(run.Saved);
        Assert.Null(CheckpointFolder.FindNewest(folder.Path, out _));
    }

    [Fact]
    public void AFailingWriteStopsTheRunAndLeavesTheCheckpointBefore()
    {
        using TemporaryFolder folder = new();
        FullDisk disk = new();
        TinyRun run = new(objective => new Faults(objective) { Disk = disk });
        var error = Assert.Throws<IOException>(() => run.Run(s_options, folder.Path, keep: 1));

        Assert.Contains("Checkpoint step-00000010 was not saved", error.Message, StringComparison.Ordinal);
        Assert.Contains("training.safetensors could not be written: No space left", error.Message, StringComparison.Ordinal);
        Assert.Contains("step-00000005", error.Message, StringComparison.Ordinal);
        Assert.Equal(["step-00000005"], Directory.GetDirectories(folder.Path).Select(path => Path.GetFileName(path)));

        disk.Fails = false;
        TinyRun resumed = new(objective => new Faults(objective) { Disk = disk });
        resumed.Run(s_options, folder.Path);
        Assert.Equal(5, resumed.ResumedFrom?.Step);
        Assert.Equal(20, resumed.Saved[^1].Step);
    }

    public enum Fault
    {
        NaNLoss,
        InfiniteLoss,
        NaNGradient,
    }

    private static TinyRun Faulty(Fault fault, Func<int, bool> isBad) => new(objective => new Faults(objective) { Kind = fault, IsBad = isBad });

    /// <summary>The state after a step of the same run.</summary>
    private static List<string> StateAfter(TinyRun like, int step)
    {
        Faults faults = (Faults)like.Objective;
        TinyRun run = Faulty(faults.Kind, faults.IsBad);
        run.Run(s_options, until: step);
        return run.State();
    }

    /// <summary>An objective that goes wrong when it is told to.</summary>
    private sealed class Faults(Objective inner) : Objective
    {
        private int _microBatches;

        public Fault Kind { get; init; }

        public Func<int, bool> IsBad { get; init; } = _ => false;

        public FullDisk? Disk { get; init; }

        public override ParameterStore Parameters => inner.Parameters;

        public override int TokensPerBatch => inner.TokensPerBatch;

        public override void Next() => inner.Next();

        public override Tensor Loss()
        {
            Tensor loss = inner.Loss();
            return !IsBad(_microBatches++) ? loss : Kind switch
            {
                Fault.NaNLoss => Ops.Scale(loss, float.NaN),
                Fault.InfiniteLoss => Ops.Scale(loss, float.PositiveInfinity),
                _ => Ops.Sqrt(Ops.Scale(loss, 0f)),   // 0, with a slope of infinity times 0
            };
        }

        public override void Visit(IStateVisitor state)
        {
            inner.Visit(state);
            if (Disk is not null)
                state.Floats("disk", [4], Disk.Values);
        }
    }

    /// <summary>Memory that cannot be read the second time it is written to a file.</summary>
    private sealed class FullDisk : MemoryManager<float>
    {
        private readonly float[] _values = new float[4];
        private int _reads;

        public bool Fails { get; set; } = true;

        public Memory<float> Values => CreateMemory(_values.Length);

        public override Span<float> GetSpan() => ++_reads > 1 && Fails ? throw new IOException("No space left on device") : _values;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
