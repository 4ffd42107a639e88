using System.Text.Json.Serialization;
using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Opt;

/// <summary>What the parts of a spiking block are added to.</summary>
public enum SpikingResidual
{
    /// <summary>The spikes that came in: sums of 0, 1 and 2 that the next neuron makes binary again (the paper's figure).</summary>
    Spikes,

    /// <summary>A stream that begins as the embedding and that every part adds its spikes to, as in OPT; with a norm in front of the neurons.</summary>
    Stream,
}

/// <summary>
/// The neurons of BiSpikCLM (section on the spiking neuron): over T steps U_t = I_t + beta U_{t-1} - S_{t-1} V_th, S_t = (U_t ≥ V_th), binary, with an arctangent's slope
/// in the backward pass. Libraries (SpikingJelly) take V_th away before the leak, U_t = I_t + beta (U_{t-1} - S_{t-1} V_th): see <see cref="ResetsAfterLeak"/>.
/// </summary>
public sealed record BinarySpiking
{
    /// <summary>Most steps that a model may have: those of the published ones.</summary>
    public const int MostSteps = CountNeuron.MostSteps;

    /// <summary>T: steps for which each token is presented.</summary>
    public int TimeSteps { get; init; } = 2;

    /// <summary>V_th</summary>
    public float Threshold { get; init; } = 0.7f;

    /// <summary>What is left of the membrane potential from one step to the next.</summary>
    public float Beta { get; init; } = 0.9f;

    /// <summary>Sharpness of the surrogate slope.</summary>
    public float SurrogateAlpha { get; init; } = 2f;

    /// <summary>Whether the reset carries no gradient; in the paper it does.</summary>
    public bool DetachesReset { get; init; }

    /// <summary>Whether a spike takes V_th away after the leak, U_t = I_t + beta U_{t-1} - S_{t-1} V_th, as in the paper's equation, and not before it.</summary>
    public bool ResetsAfterLeak { get; init; }

    /// <summary>Whether a layer norm stands in front of the neurons at the beginning of attention and of the feed-forward part.</summary>
    public bool PreNorm { get; init; }

    /// <summary>What attention and feed-forward are added to.</summary>
    public SpikingResidual Residual { get; init; }

    /// <summary>A factor of the embedding, the current of the first neurons: embeddings start with a deviation of 0.02, thresholds are near 1.</summary>
    public float InputScale { get; init; } = 50f;

    /// <summary>The block of the paper's figure, no norm inside and residual sums of spikes, with the neuron of its equation.</summary>
    public static BinarySpiking Paper { get; } = new() { ResetsAfterLeak = true };

    /// <summary>Trains more readily: norms in front of the neurons and a residual stream, products still of spikes only; the neuron of SpikingJelly.</summary>
    public static BinarySpiking Stable { get; } = new() { PreNorm = true, Residual = SpikingResidual.Stream };

    /// <summary>The neuron, as the operations want it.</summary>
    [JsonIgnore]
    public LifOptions Neuron => new()
    {
        Tau = 1f / (1f - Beta), Threshold = Threshold, SurrogateAlpha = SurrogateAlpha, DetachesReset = DetachesReset, ResetBy = ResetsAfterLeak ? Threshold / Beta : null,
    };

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range and why.</summary>
    public void Validate()
    {
        if (TimeSteps is < 1 or > MostSteps)
            throw new ArgumentException($"{nameof(TimeSteps)} is {TimeSteps}, not from 1 to {MostSteps}");
        if (!(Threshold > 0f && float.IsFinite(Threshold)))
            throw new ArgumentException($"{nameof(Threshold)} is {Threshold}, not a positive number");
        if (!(Beta is >= 0f and < 1f))
            throw new ArgumentException($"{nameof(Beta)} is {Beta}, not from 0 to below 1");
        if (ResetsAfterLeak && Beta == 0f)
            throw new ArgumentException($"{nameof(ResetsAfterLeak)} is set, but with {nameof(Beta)} 0 nothing is left to take from");
        if (!(SurrogateAlpha > 0f && float.IsFinite(SurrogateAlpha)))
            throw new ArgumentException($"{nameof(SurrogateAlpha)} is {SurrogateAlpha}, not a positive number");
        if (!(InputScale > 0f && float.IsFinite(InputScale)))
            throw new ArgumentException($"{nameof(InputScale)} is {InputScale}, not a positive number");
        if (Residual is not (SpikingResidual.Spikes or SpikingResidual.Stream))
            throw new ArgumentException($"{nameof(Residual)} is {Residual}, which there is not");
    }
}
