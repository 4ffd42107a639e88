namespace SpikeEngine.Cli.Evaluation;

/// <summary>What <c>spike eval</c> was asked for.</summary>
/// <param name="Model">Folder of the model.</param>
/// <param name="Data">Folder of the tasks.</param>
/// <param name="Limit">Most items of a task.</param>
/// <param name="Show">Items to print in full.</param>
/// <param name="MaxLength">Tokens of a window.</param>
/// <param name="Spiking">The neurons, as they were asked for.</param>
/// <param name="Calibration">Text to find thresholds on.</param>
internal sealed record EvalSettings(string Model, string Data, int? Limit, int Show, int MaxLength, string? Spiking, string? Calibration);
