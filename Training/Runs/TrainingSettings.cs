using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>The section <c>training</c>: how long, in what pieces, and what is kept.</summary>
public sealed record TrainingSettings
{
    /// <summary>Optimiser steps, or null when <see cref="Epochs"/> or <see cref="Tokens"/> tell.</summary>
    public int? Steps { get; init; } = 500;

    /// <summary>Passes over the data.</summary>
    public double? Epochs { get; init; }

    /// <summary>Tokens to see.</summary>
    public long? Tokens { get; init; }

    /// <summary>Batches whose gradients are added up for a step.</summary>
    public int MicroBatches { get; init; } = 1;

    /// <summary>Largest norm of the whole gradient.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Decay of the running mean of the weights, which is then the result; null for none.</summary>
    public double? Ema { get; init; }

    /// <summary>Whether a block's activations are computed again in the backward pass and not kept.</summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Steps in a row without a finite loss and gradient after which the run gives up.</summary>
    public int MaxSkippedInARow { get; init; } = 10;

    /// <summary>Steps from one validation to the next; null only at the end.</summary>
    public int? EvaluateEvery { get; init; } = 100;

    /// <summary>Steps from one checkpoint to the next; null only at the end.</summary>
    public int? CheckpointEvery { get; init; } = 100;

    /// <summary>Checkpoints to keep.</summary>
    public int Keep { get; init; } = 2;

    internal static TrainingSettings Pass(ISettings s, TrainingSettings d)
    {
        bool given = s.OnlyOne("steps", "epochs", "tokens");
        return new TrainingSettings
        {
            Steps = (int?)s.WholeOrNone("steps", given ? null : d.Steps, 1, int.MaxValue),
            Epochs = s.NumberOrNone("epochs", given ? null : d.Epochs, Allowed.Positive),
            Tokens = s.WholeOrNone("tokens", given ? null : d.Tokens, 1),
            MicroBatches = s.Whole("micro_batches", d.MicroBatches, 1),
            ClipNorm = s.Number("clip_norm", d.ClipNorm, Allowed.Positive),
            Ema = s.NumberOrNone("ema", d.Ema, Allowed.Between0And1),
            ActivationCheckpointing = s.Switch("activation_checkpointing", d.ActivationCheckpointing),
            MaxSkippedInARow = s.Whole("max_skipped_in_a_row", d.MaxSkippedInARow, 1),
            EvaluateEvery = (int?)s.WholeOrNone("evaluate_every", d.EvaluateEvery, 1, int.MaxValue),
            CheckpointEvery = (int?)s.WholeOrNone("checkpoint_every", d.CheckpointEvery, 1, int.MaxValue),
            Keep = s.Whole("keep", d.Keep, 1),
        };
    }
}
