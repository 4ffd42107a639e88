using static SpikeEngine.Training.OptionCheck;

namespace SpikeEngine.Training.Quickstart;

/// <summary>How to train: the same record for a teacher and for a student.</summary>
public sealed record TrainingPlan
{
    /// <summary>Optimiser steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Sequences in a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Tokens in a sequence.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Learning rate at the peak of the schedule.</summary>
    public required float LearningRate { get; init; }

    /// <summary>
    /// Share of the steps in which the rate rises linearly; it falls as a cosine afterwards. The paper's 1 % suits its long
    /// runs; of a few hundred steps it would be none.
    /// </summary>
    public double WarmupShare { get; init; } = 0.05;

    /// <summary>Where the cosine ends, as a share of the peak.</summary>
    public double FinalRateShare { get; init; }

    /// <summary>Decoupled weight decay, for matrices only.</summary>
    public float WeightDecay { get; init; } = 0.1f;

    /// <summary>Second moment's decay of AdamW.</summary>
    public float Beta2 { get; init; } = 0.95f;

    /// <summary>Largest norm of the whole gradient.</summary>
    public float ClipNorm { get; init; } = 1f;

    /// <summary>Seed of the order of the text.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What the optimiser takes of these, with its own defaults for the rest.</summary>
    internal AdamWOptions Optimizer => new(Beta2: Beta2, WeightDecay: WeightDecay);

    /// <summary>What the trainer takes of these.</summary>
    internal TrainerOptions Trainer => new()
    {
        Steps = Steps,
        LearningRate = LearningRate,
        ClipNorm = ClipNorm,
        WarmupShare = WarmupShare,
        FinalRateShare = FinalRateShare,
    };

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        Require(BatchSize > 0, nameof(BatchSize), BatchSize, "positive");
        Require(SequenceLength > 0, nameof(SequenceLength), SequenceLength, "positive");
        Require(WeightDecay >= 0 && float.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "0 or positive");
        Require(Beta2 is > 0 and < 1, nameof(Beta2), Beta2, "in (0, 1)");
        Trainer.Validate();
    }
}
