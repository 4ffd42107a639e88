using static SpikeEngine.Training.OptionCheck;

namespace SpikeEngine.Training;

/// <summary>How a <see cref="Trainer"/> runs.</summary>
public sealed record TrainerOptions
{
    /// <summary>Optimiser steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Learning rate at the peak of the schedule.</summary>
    public required float LearningRate { get; init; }

    /// <summary>Micro-batches whose gradients are averaged before a step: a batch as large as all of them, in the memory of one.</summary>
    public int MicroBatches { get; init; } = 1;

    /// <summary>Largest norm of the whole gradient; infinity clips nothing.</summary>
    public float ClipNorm { get; init; } = 1f;

    /// <summary>
    /// Share of the steps in which the rate rises linearly, before it falls as <see cref="Schedule"/> says. The paper's 1 % suits its long
    /// runs; of a few hundred steps it would be none.
    /// </summary>
    public double WarmupShare { get; init; } = 0.05;

    /// <summary>Steps in which the rate rises, in place of <see cref="WarmupShare"/> when given.</summary>
    public long? WarmupSteps { get; init; }

    /// <summary>How the rate falls.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Where the fall ends, as a share of the peak.</summary>
    public double FinalRateShare { get; init; }

    /// <summary>How many steps in a row may have no finite loss and gradient before the run is given up.</summary>
    public int MostSkippedInARow { get; init; } = 10;

    /// <summary>Steps between two checkpoints; 0 for none but the one at the end.</summary>
    public long CheckpointSteps { get; init; }

    /// <summary>Time between two checkpoints, whichever comes first; null for none.</summary>
    public TimeSpan? CheckpointTime { get; init; }

    /// <summary>Steps between two validations; 0 for none.</summary>
    public long ValidationSteps { get; init; }

    /// <summary>
    /// Time the run may take. When the steps so far show that the planned number would take longer, it is lowered, and the
    /// schedule with it; one step is always done. A run that is not lowered, or has no budget, is the same on any machine.
    /// </summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        Require(Steps > 0, nameof(Steps), Steps, "positive");
        Require(LearningRate > 0 && float.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "a positive number");
        Require(MicroBatches > 0, nameof(MicroBatches), MicroBatches, "positive");
        Require(ClipNorm > 0, nameof(ClipNorm), ClipNorm, "positive");
        Require(WarmupShare is >= 0 and < 1, nameof(WarmupShare), WarmupShare, "in [0, 1)");
        Require(WarmupSteps is null or >= 0, nameof(WarmupSteps), WarmupSteps, "0 or positive");
        Require(Enum.IsDefined(Schedule), nameof(Schedule), Schedule, "Cosine, Linear or Constant");
        Require(FinalRateShare is >= 0 and <= 1, nameof(FinalRateShare), FinalRateShare, "in [0, 1]");
        Require(MostSkippedInARow > 0, nameof(MostSkippedInARow), MostSkippedInARow, "positive");
        Require(CheckpointSteps >= 0, nameof(CheckpointSteps), CheckpointSteps, "0 or positive");
        Require(CheckpointTime is not { } time || time > TimeSpan.Zero, nameof(CheckpointTime), CheckpointTime, "positive");
        Require(ValidationSteps >= 0, nameof(ValidationSteps), ValidationSteps, "0 or positive");
    }
}
