namespace SpikeEngine.Training.Distillation;

/// <summary>What activity is a share of.</summary>
public enum ActivityMeasure
{
    /// <summary>The additions that there are to make: each spiking input counts with the outputs behind it, which energy and time follow.</summary>
    Operations,

    /// <summary>The inputs, all alike.</summary>
    Inputs,
}

/// <summary>A share of the projections' inputs that shall spike, and how a student is brought there (ours; the paper takes activity as it comes).</summary>
public sealed record ActivityOptions
{
    /// <summary>Names of the measures.</summary>
    public static IReadOnlyList<(string Name, ActivityMeasure Value)> Measures { get; } =
        [("operations", ActivityMeasure.Operations), ("inputs", ActivityMeasure.Inputs)];

    /// <summary>The wanted share of <see cref="Measure"/> that is active, P(s ≠ 0) over all neurons; null for none.</summary>
    public double? Target { get; init; }

    /// <summary>What it is a share of.</summary>
    public ActivityMeasure Measure { get; init; }

    /// <summary>Weight of the penalty at the beginning; it grows as long as there are too many spikes, and falls with too few.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Share of the steps over which the target falls, by equal factors, from the rate of the first step to the wanted one.</summary>
    public double RampShare { get; init; } = 0.5;
}
