namespace SpikeEngine.Model.Spiking;

/// <summary>
/// The TI-LIF neuron (SI-LIF in the journal version) in front of a projection: integer spikes in training, with the
/// surrogate gradient and, if asked for, the smoothed gradient compensation. It has no state across tokens.
/// </summary>
/// <param name="config">Levels, threshold and surrogate.</param>
/// <param name="compensation">
/// Lambda of the smoothed gradient compensation (SGC) in its value-preserving form: 0 switches it off. It changes
/// gradients only, so removing it for inference changes no output.
/// </param>
public sealed class TiLifNeuron(SpikingConfig config, float compensation)
{
    /// <summary>s = clamp(round_half_even(x / threshold), -D, D), as floats.</summary>
    public Tensor Forward(Tensor x) => Ops.TiLif(x, config.Levels, config.Threshold, config.Alpha, compensation);
}
