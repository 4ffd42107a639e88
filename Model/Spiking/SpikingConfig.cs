namespace SpikeEngine.Model.Spiking;

/// <summary>
/// How a model turns the inputs of its projections into spikes. The neuron is TI-LIF (ternary-integer leaky
/// integrate-and-fire), called SI-LIF (signed integer) in the journal version of the SpikingMamba paper:
/// <c>s = clamp(round_half_to_even(x / Threshold), -Levels, Levels)</c>.
/// </summary>
public sealed record SpikingConfig
{
    /// <summary>The only neuron there is so far, as the configuration file spells it.</summary>
    public const string TiLif = "ti_lif";

    /// <summary>The most levels a spike count may have.</summary>
    public const int MaxLevels = 8;

    /// <summary>The kind of neuron.</summary>
    public string Neuron { get; init; } = TiLif;

    /// <summary>The paper's D: the largest spike count, and the number of micro-steps it unrolls to.</summary>
    public int Levels { get; init; } = 4;

    /// <summary>The surrogate gradient inside |x| ≤ D·Threshold; it is 0 outside.</summary>
    public float Alpha { get; init; } = 1f;

    /// <summary>The input one spike stands for.</summary>
    public float Threshold { get; init; } = 1f;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        if (Neuron != TiLif)
            throw new ArgumentException($"{nameof(Neuron)} '{Neuron}' is unknown, there is '{TiLif}'");
        if (Levels is < 1 or > MaxLevels)
            throw new ArgumentException($"{nameof(Levels)} is {Levels}, not in 1..{MaxLevels}");
        if (!float.IsFinite(Alpha) || Alpha <= 0f)
            throw new ArgumentException($"{nameof(Alpha)} is {Alpha}, not a positive number");
        if (!float.IsFinite(Threshold) || Threshold <= 0f)
            throw new ArgumentException($"{nameof(Threshold)} is {Threshold}, not a positive number");
    }
}
