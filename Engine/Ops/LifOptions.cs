using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>What happens to a membrane potential at a spike.</summary>
public enum MembraneReset
{
    /// <summary>The threshold is taken away.</summary>
    Soft,

    /// <summary>It returns to the resting potential.</summary>
    Hard,
}

/// <summary>
/// A leaky integrate-and-fire neuron with steps:  h = v - (v - v_rest) / tau + x, with <see cref="DecaysInput"/> v + (x - (v - v_rest)) / tau;
/// s = (h ≥ V_th);  soft reset v = h - s · <see cref="ResetBy"/>, hard v = (1 - s) h + s v_rest.
/// </summary>
public sealed record LifOptions
{
    /// <summary>tau; 1 / (1 - beta) for a membrane that keeps beta of its potential. Infinity forgets nothing.</summary>
    public float Tau { get; init; } = 2f;

    /// <summary>Whether the input is divided by tau as well.</summary>
    public bool DecaysInput { get; init; }

    /// <summary>V_th</summary>
    public float Threshold { get; init; } = 1f;

    /// <summary>Soft or hard.</summary>
    public MembraneReset Reset { get; init; }

    /// <summary>v_rest: where the potential starts, what it decays to, and where a hard reset puts it.</summary>
    public float RestingPotential { get; init; }

    /// <summary>What a soft reset takes away; null for the threshold.</summary>
    public float? ResetBy { get; init; }

    /// <summary>Whether the reset carries no gradient.</summary>
    public bool DetachesReset { get; init; }

    /// <summary>
    /// D of I-LIF (SpikeYOLO), whose step gives the whole number s = clamp(round(h / V_th), 0, D) and has the slope 1 / V_th within; null for
    /// a binary spike and <see cref="Surrogate"/>.
    /// </summary>
    public int? Levels { get; init; }

    /// <summary>The slope of a binary spike at h - V_th.</summary>
    public Surrogate Surrogate { get; init; } = Surrogate.Arctan;

    /// <summary>The surrogate's sharpness; null for the usual one: arctan 2, sigmoid 4, the others 1.</summary>
    public float? SurrogateAlpha { get; init; }

    /// <summary>A factor of the surrogate's slope.</summary>
    public float SurrogateFactor { get; init; } = 1f;

    /// <summary>The numbers that a step needs.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public LifDynamics Dynamics()
    {
        if (!(Tau >= 1f))
            throw new ArgumentException($"{nameof(Tau)} is {Tau}, not 1 or greater");
        if (SurrogateAlpha is { } alpha && !(alpha > 0f && float.IsFinite(alpha)))
            throw new ArgumentException($"{nameof(SurrogateAlpha)} is {alpha}, not a positive number");
        if (!(SurrogateFactor > 0f && float.IsFinite(SurrogateFactor)))
            throw new ArgumentException($"{nameof(SurrogateFactor)} is {SurrogateFactor}, not a positive number");
        if (!(Threshold > RestingPotential && float.IsFinite(Threshold)))
            throw new ArgumentException($"{nameof(Threshold)} is {Threshold}, not a number above the resting potential {RestingPotential}");
        return new LifDynamics(
            1f - 1f / Tau, DecaysInput ? 1f / Tau : 1f, RestingPotential / Tau, Threshold,
            Reset == MembraneReset.Hard ? RestingPotential : ResetBy ?? Threshold, Reset == MembraneReset.Hard, DetachesReset, Levels ?? 0);
    }
}
