using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training.Runs;

/// <summary>What kinds of runs differ in.</summary>
/// <param name="Model">The model that is trained, as it is before the first step.</param>
/// <param name="Objective">What it is trained for, with its data.</param>
/// <param name="BatchesPerEpoch">Micro-batches in a pass over the data.</param>
/// <param name="Validation">Measures the model on held-out data; null when there are none.</param>
internal sealed record RunParts(
    TrainedModel Model, Objective Objective, double BatchesPerEpoch, Action<Metrics, CancellationToken>? Validation);
