namespace SpikeEngine.Model.Spiking;

/// <summary>How a neuron turns a number into spikes.</summary>
public enum NeuronKind
{
    /// <summary>Ternary-integer LIF (SI-LIF, signed integer, in the journal version): s = clamp(round(x / V_th), -D, D).</summary>
    TiLif,

    /// <summary>Integer LIF (SpikeYOLO): s = clamp(round(x / V_th), 0, D).</summary>
    ILif,

    /// <summary>Leaky integrate-and-fire, binary: the number of spikes in D steps with x as the current of each, 0 to D.</summary>
    Lif,
}

/// <summary>
/// How a model turns the inputs of its projections into spikes. What a projection sees is what the spikes stand for: y = <see cref="Unit"/> · W s,
/// a product of whole numbers, and one multiplication for each output.
/// </summary>
public sealed record SpikingConfig
{
    /// <summary>The most levels a spike count may have.</summary>
    public const int MaxLevels = 8;

    /// <summary>The kind of neuron.</summary>
    public NeuronKind Neuron { get; init; } = NeuronKind.TiLif;

    /// <summary>The paper's D: the largest spike count, and the number of micro-steps it unrolls to; of LIF, the number of steps.</summary>
    public int Levels { get; init; } = 4;

    /// <summary>Factor of the surrogate gradient; of the paper's rectangular one, its value inside |x| ≤ D·Threshold.</summary>
    public float Alpha { get; init; } = 1f;

    /// <summary>V_th; of thresholds that are parameters, what they start with.</summary>
    public float Threshold { get; init; } = 1f;

    /// <summary>The surrogate in use.</summary>
    public Surrogate SurrogateInUse => Surrogate ?? (Neuron == NeuronKind.Lif ? SpikeEngine.Surrogate.Arctan : SpikeEngine.Surrogate.Rectangular);

    /// <summary>Whether each neuron layer has a threshold of its own, kept with the weights and able to learn.</summary>
    public bool OwnThresholds { get; init; }

    /// <summary>What stands in for the slope of a spike; null for the usual one: rectangular, and of LIF, which has no window of counts, arctan.</summary>
    public Surrogate? Surrogate { get; init; }

    /// <summary>Of LIF: the share of its potential that a membrane keeps from step to step.</summary>
    public float Beta { get; init; } = 0.5f;

    /// <summary>Of LIF: what a spike does to the potential.</summary>
    public MembraneReset Reset { get; init; }

    /// <summary>The least count: -D with a sign, else 0.</summary>
    public int LowestCount => Neuron == NeuronKind.TiLif ? -Levels : 0;

    /// <summary>The input that one spike stands for at a threshold: V_th, and of LIF, whose D spikes mean that V_th comes in at every step, V_th / D.</summary>
    public float Unit(float threshold) => Neuron == NeuronKind.Lif ? threshold / Levels : threshold;

    /// <summary>The LIF neuron, whose currents are in units of its threshold: so it fires alike at any, and the threshold can learn.</summary>
    internal LifOptions Lif => new()
    {
        Tau = 1f / (1f - Beta),
        Reset = Reset,
        Surrogate = SurrogateInUse,
        SurrogateFactor = Alpha,
    };

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        if (!Enum.IsDefined(Neuron))
            throw new ArgumentException($"{nameof(Neuron)} '{Neuron}' is unknown, there are {string.Join(", ", Enum.GetNames<NeuronKind>())}");
        if (Levels is < 1 or > MaxLevels)
            throw new ArgumentException($"{nameof(Levels)} is {Levels}, not in 1..{MaxLevels}");
        if (!float.IsFinite(Alpha) || Alpha <= 0f)
            throw new ArgumentException($"{nameof(Alpha)} is {Alpha}, not a positive number");
        if (!float.IsFinite(Threshold) || Threshold <= 0f)
            throw new ArgumentException($"{nameof(Threshold)} is {Threshold}, not a positive number");
        if (!(Beta is >= 0f and <= 1f))
            throw new ArgumentException($"{nameof(Beta)} is {Beta}, not in [0, 1]");
    }
}
