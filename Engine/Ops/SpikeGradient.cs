namespace SpikeEngine;

/// <summary>How smoothed gradient compensation (SpikingMamba, SGC) enters the slope of a neuron.</summary>
public enum SlopeCompensation
{
    /// <summary>λ D tanh(u/w), everywhere.</summary>
    Smooth,

    /// <summary>λ u where the neuron is silent or at the end of its counts, nothing elsewhere.</summary>
    Zones,
}

/// <summary>What stands in for the slope of an integer spike in the backward pass. The spike itself does not depend on it.</summary>
public sealed record SpikeGradient
{
    /// <summary>The paper's: α = 1 within the window of the counts, 0 outside.</summary>
    public static SpikeGradient Default { get; } = new();

    /// <summary>Rectangular: a window over all counts. The others stand at each of the steps between two counts, with an area of 1.</summary>
    public Surrogate Surrogate { get; init; }

    /// <summary>α, a factor of the whole.</summary>
    public float Alpha { get; init; } = 1f;

    /// <summary>λ of the compensation; 0 for none.</summary>
    public float Compensation { get; init; }

    /// <summary>Where the compensation acts.</summary>
    public SlopeCompensation CompensationForm { get; init; }

    /// <summary>w of <see cref="SlopeCompensation.Smooth"/>: 1 in the paper; with D, the path is as wide as the counts.</summary>
    public float CompensationWidth { get; init; } = 1f;
}
