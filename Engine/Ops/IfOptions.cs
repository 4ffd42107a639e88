using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>How integrate-and-fire neurons run: see <see cref="Ops.IntegrateAndFire"/>.</summary>
public sealed record IfOptions
{
    /// <summary>T</summary>
    public required int Steps { get; init; }

    /// <summary>What a spike does to the membrane: everything is gone (SNN2ANN), or the threshold is.</summary>
    public MembraneReset Reset { get; init; } = MembraneReset.Hard;

    /// <summary>Share of the membranes that is dropped in front of each step but the first, in training; the rest grows by 1 / (1 - share).</summary>
    public float MembraneDropout { get; init; }

    /// <summary>[T]: keys of what is dropped.</summary>
    public IReadOnlyList<RandomKey> DropoutKeys { get; init; } = [];

    /// <summary>Number of the first image in the batch that the keys are for: pieces of a batch drop what the whole would.</summary>
    public int FirstImage { get; init; }
}
