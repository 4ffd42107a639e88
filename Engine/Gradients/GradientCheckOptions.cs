namespace SpikeEngine;

/// <summary>How <see cref="GradientCheck"/> looks.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>Largest error that passes, as a share of 1 + |expected|: single precision leaves some 1e-6 per operation.</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Step of the central differences, as a share of max(1, |x|).</summary>
    public double Step { get; init; } = 1e-5;

    /// <summary>Elements looked at in each tensor, drawn by <see cref="Seed"/>; small tensors are looked at whole.</summary>
    public int ElementsPerTensor { get; init; } = 64;

    /// <summary>
    /// Whether a declared gradient (a spiking neuron's surrogate) is held against the function it is the derivative of, its
    /// primitive. Without that it is held against the step, which is flat, and fails as it must.
    /// </summary>
    public bool SurrogateAware { get; init; } = true;

    /// <summary>Whether the values are held against the double forms as well, operation by operation.</summary>
    public bool CheckValues { get; init; } = true;

    /// <summary>Seed of the elements and of the gradient that is sent into a result of more than one number.</summary>
    public ulong Seed { get; init; } = 1;
}
