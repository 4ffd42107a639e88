using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Energy;

/// <summary>
/// Mamba2 and SpikingMamba (energy analysis of the paper): the scan counts 3 H P N multiply-accumulates, the convolution K per channel.
/// </summary>
internal sealed class Mamba2EnergyReport(Mamba2Config config, SpikeStatistics? spikes, EnergyConstants constants, StorageType weights, StorageType? head)
    : EnergyReport(config, spikes, constants, weights, head)
{
    private const int ScanMacs = 3;   // decay · S + dt B x, and C S, for each element of the state

    /// <inheritdoc/>
    public override IReadOnlyList<string> Formulas { get; } =
    [
        "dense MAC: d_in * d_out for a projection, d_conv * channels for the convolution, 3 * heads * headdim * d_state for the scan, vocabulary * d_model for the head",
        "AC, unrolled (the paper's, the headline): d_out * sum of |s|: a spike of level k as k binary ones",
        "AC, by level (what the engine does): d_out * (active inputs + D): each active input once, the running sum once per level",
        "dense = E_MAC * MAC;  spiking = E_MAC * remaining MAC + E_AC * AC",
        "int8: MAC and AC of the projections at E_MAC8 and E_AC8 (AC by level), everything else as above",
        "bytes: weights as stored (dense all; spiking d_out for each active input, and all scales), states read and written, activations as 32-bit floats read and written, "
            + "positions of spikes (16 bits) written and read",
        "with memory: arithmetic (AC by level) + E_neuron * neuron updates + E_DRAM * (weights + states) + E_cache * (activations + spikes)",
        "on chip: the same with E_SRAM in the place of E_DRAM",
        "not counted: norms, gates, softplus and exponentials, the residual sum, the row of the embedding",
    ];

    private protected override IReadOnlyList<EnergyPart> LayerParts => [EnergyPart.InProj, EnergyPart.Conv1d, EnergyPart.Scan, EnergyPart.OutProj];

    private protected override IReadOnlyList<EnergyPart> OtherParts => [EnergyPart.Head];

    private protected override bool IsProjection(EnergyPart part) => part is EnergyPart.InProj or EnergyPart.OutProj;

    private protected override EnergyCounts Count(EnergyPart part) => Head(config.DModel);

    private protected override EnergyCounts Count(int layer, EnergyPart part) => part switch
    {
        EnergyPart.InProj => Project(config.DModel, config.InProjRows, config.UseBias, Counted?[layer, SpikeSite.InProj], config.Spiking?.Levels ?? 0),
        EnergyPart.OutProj => Project(config.DInner, config.DModel, config.UseBias, Counted?[layer, SpikeSite.OutProj], config.Spiking?.Levels ?? 0),
        EnergyPart.Conv1d => Always(
            (double)config.ConvChannels * config.DConv,
            weights: FloatBytes * config.ConvChannels * (config.DConv + (config.UseConvBias ? 1.0 : 0)),
            state: (double)ReadAndWritten * FloatBytes * config.ConvChannels * config.DConv,
            activations: 2.0 * FloatBytes * config.ConvChannels),
        _ => Always(
            (double)ScanMacs * config.DInner * config.DState,
            weights: 2.0 * FloatBytes * config.HeadCount,
            state: (double)ReadAndWritten * FloatBytes * config.DInner * config.DState,
            activations: (double)FloatBytes * (config.ConvChannels + config.HeadCount + config.DInner)),
    };
}
