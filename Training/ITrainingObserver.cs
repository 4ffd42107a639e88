namespace SpikeEngine.Training;

/// <summary>Told what happens in a training run, on its thread and in order. What is not implemented is ignored.</summary>
public interface ITrainingObserver
{
    /// <summary>A step is done, skipped or not.</summary>
    /// <param name="progress">Where the run stands.</param>
    void Stepped(TrainingProgress progress)
    {
    }

    /// <summary>The loss or the gradient of a step was not finite, and it changed nothing. <see cref="Stepped"/> follows.</summary>
    /// <param name="step">Which step.</param>
    void Skipped(SkippedStep step)
    {
    }

    /// <summary>The model was measured on held-out data.</summary>
    /// <param name="validation">What came out.</param>
    void Validated(ValidationResult validation)
    {
    }

    /// <summary>A checkpoint is on disk, whole, and will be found after any crash from here on.</summary>
    /// <param name="checkpoint">Which one.</param>
    void Saved(SavedCheckpoint checkpoint)
    {
    }

    /// <summary>The run goes on from a checkpoint.</summary>
    /// <param name="run">Where it goes on.</param>
    void Resumed(ResumedRun run)
    {
    }
}

/// <summary>A step that changed nothing.</summary>
/// <param name="Step">Its number; the first is 1.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="GradientNorm">Norm of the whole gradient.</param>
/// <param name="InARow">How many in a row, this one included.</param>
public sealed record SkippedStep(long Step, double Loss, double GradientNorm, int InARow);

/// <summary>A measurement on held-out data.</summary>
/// <param name="Step">Steps done before it.</param>
/// <param name="Metrics">What was measured.</param>
public sealed record ValidationResult(long Step, IReadOnlyDictionary<string, double> Metrics);

/// <summary>A checkpoint that was written.</summary>
/// <param name="Step">Steps done before it.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Bytes">Size of all its files.</param>
/// <param name="Elapsed">Time of the save.</param>
public sealed record SavedCheckpoint(long Step, string Folder, long Bytes, TimeSpan Elapsed);

/// <summary>Where a run goes on.</summary>
/// <param name="Step">Steps done before.</param>
/// <param name="Folder">The checkpoint.</param>
/// <param name="Damaged">What is wrong with each newer checkpoint that could not be used, newest first; usually nothing.</param>
public sealed record ResumedRun(long Step, string Folder, IReadOnlyList<string> Damaged);
