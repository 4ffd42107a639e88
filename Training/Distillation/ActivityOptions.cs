namespace SpikeEngine.Training.Distillation;

/// <summary>A share of the projections' inputs that shall spike, and how a student is brought there (ours; the paper takes activity as it comes).</summary>
public sealed record ActivityOptions
{
    /// <summary>The wanted share of inputs that spike, P(s ≠ 0) over all neurons; null for none.</summary>
    public double? Target { get; init; }

    /// <summary>Weight of the penalty at the beginning; it grows as long as there are too many spikes, and falls with too few.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Share of the steps over which the target falls, by equal factors, from the rate of the first step to the wanted one.</summary>
    public double RampShare { get; init; } = 0.5;
}
