namespace SpikeEngine.Training.Runs;

/// <summary>What came of a run.</summary>
/// <param name="Training">Steps, tokens, time.</param>
/// <param name="TotalSteps">Steps that were planned.</param>
/// <param name="Parameters">Parameters of the model.</param>
/// <param name="Validation">The model on held-out data, by name; empty when it was stopped before, or there are none.</param>
/// <param name="ModelFolder">The trained model; null when the run was stopped before its end.</param>
/// <param name="Checkpoint">The newest checkpoint.</param>
public sealed record RunResult(
    TrainingResult Training, long TotalSteps, long Parameters, IReadOnlyDictionary<string, double> Validation, string? ModelFolder, string? Checkpoint)
{
    /// <summary>What is counted as tokens, for people.</summary>
    public string Unit { get; init; } = "tokens";
}
