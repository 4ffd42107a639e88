using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Energy;

/// <summary>
/// OPT and BiSpikCLM: spiking operations (SOP) against multiply-accumulates, SOP = rate · T · MAC (45 nm, as the authors' group counts). The dense twin is an
/// OPT block of the same sizes; a dense model's own report is the teacher's.
/// </summary>
internal sealed class OptEnergyReport(
    OptConfig config, SpikeStatistics? spikes, EnergyConstants constants, StorageType weights, StorageType? head, double keys)
    : EnergyReport(config, spikes, constants, weights, head)
{
    private const int NormMacs = 2;   // of a number: its square into the variance, and its scale

    /// <inheritdoc/>
    public override IReadOnlyList<string> Formulas { get; } =
    [
        "dense MAC: d_in * d_out for a projection, d_model * keys for Q K^T and for A V, 2 * d_model for a norm, vocabulary * d_model for the head; keys: those that a token sees, in the mean",
        "AC, unrolled (SOP, the headline): rate * T * MAC; the rate is that of the projection's inputs, of Q for Q K^T, of the map for A V; the whole numbers in front of out_proj count as often as they are large",
        "AC, by level (what the engine does): the same, but active keys for Q K^T, active values for A V, and for out_proj each binary digit that is 1, and the sum once per digit",
        "dense = E_MAC * MAC;  spiking = E_MAC * remaining MAC + E_AC * AC",
        "remaining MAC: the factor of the embedding, norms, the head",
        "int8: MAC and AC of the projections at E_MAC8 and E_AC8 (AC by level), everything else as above",
        "bytes: weights as stored (dense all; spiking d_out for each active input and step, and all scales), keys and values read (4 bytes; a bit for each step), "
            + "activations as 32-bit floats read and written, positions of spikes (16 bits) written and read",
        "with memory: arithmetic (AC by level) + E_neuron * neuron updates + E_DRAM * (weights + keys and values) + E_cache * (activations + spikes)",
        "on chip: the same with E_SRAM in the place of E_DRAM",
        "not counted: exponentials of the softmax, ReLU, residual sums, the mean over the steps, rows of the embeddings",
    ];

    private protected override IReadOnlyList<EnergyPart> LayerParts =>
        [EnergyPart.Norms, EnergyPart.QkvProj, EnergyPart.Scores, EnergyPart.Mixing, EnergyPart.AttentionOutProj, EnergyPart.Fc1, EnergyPart.Fc2];

    private protected override IReadOnlyList<EnergyPart> OtherParts => [EnergyPart.Embedding, EnergyPart.FinalNorm, EnergyPart.Head];

    private int Steps => config.Spiking?.TimeSteps ?? 1;

    private protected override bool IsProjection(EnergyPart part) =>
        part is EnergyPart.QkvProj or EnergyPart.AttentionOutProj or EnergyPart.Fc1 or EnergyPart.Fc2;

    private protected override EnergyCounts Count(EnergyPart part) => part switch
    {
        EnergyPart.Embedding => Embedding(),
        EnergyPart.FinalNorm => config.NormBefore ? Norm(1, 1) : default,
        _ => Head(config.EmbeddingWidth),
    };

    private protected override EnergyCounts Count(int layer, EnergyPart part)
    {
        int d = config.DModel;
        return part switch
        {
            EnergyPart.Norms => Norm(2, config.Spiking is { PreNorm: false } ? 0 : 2 * Steps),
            EnergyPart.QkvProj => Project(d, 3 * d, config.HasAttentionBias, Counted?[layer, SpikeSite.Attention], levels: 0, Steps),
            EnergyPart.Scores => Scores(layer),
            EnergyPart.Mixing => Mixing(layer),
            EnergyPart.AttentionOutProj => OutProj(layer),
            EnergyPart.Fc1 => Project(d, config.FfnDim, config.UseBias, Counted?[layer, SpikeSite.Fc1], levels: 0, Steps),
            _ => Fc2(layer),
        };
    }

    /// <summary>fc2 with the neurons on both of its sides.</summary>
    private EnergyCounts Fc2(int layer)
    {
        EnergyCounts counts = Project(config.FfnDim, config.DModel, config.UseBias, Counted?[layer, SpikeSite.Fc2], levels: 0, Steps);
        return counts with { NeuronUpdates = Counted is null ? 0 : counts.NeuronUpdates + (double)Steps * config.DModel };
    }

    /// <summary>Keys that a token sees in the mean.</summary>
    private double Keys(int layer)
    {
        if (Counted is null)
            return keys;
        double tokens = (double)Counted[layer, SpikeSite.Query].Neurons / (config.DModel * Steps);
        return Counted[layer, SpikeSite.Map].Neurons / (tokens * Steps * config.HeadCount);
    }

    private EnergyCounts Embedding()
    {
        double projection = config.ProjectsEmbedding ? 2.0 * config.DModel * config.EmbeddingWidth : 0, scale = config.IsSpiking ? config.DModel : 0;
        return new EnergyCounts
        {
            DenseMacs = projection, SpikingMacs = projection + scale, DenseWeightBytes = FloatBytes * projection, SpikingWeightBytes = FloatBytes * projection,
            ActivationBytes = 2.0 * FloatBytes * config.DModel,
        };
    }

    private EnergyCounts Norm(int dense, int spiking)
    {
        double macs = (double)NormMacs * config.DModel, bytes = 2.0 * FloatBytes * config.DModel;
        return new EnergyCounts
        {
            DenseMacs = dense * macs, SpikingMacs = (Spikes ? spiking : dense) * macs, DenseWeightBytes = dense * bytes, SpikingWeightBytes = (Spikes ? spiking : dense) * bytes,
            ActivationBytes = dense * bytes,
        };
    }

    private EnergyCounts Scores(int layer) => Pairs(layer, SpikeSite.Query, SpikeSite.Key, 2.0 * config.DModel + config.HeadCount * Keys(layer));

    private EnergyCounts Mixing(int layer) => Pairs(layer, SpikeSite.Map, SpikeSite.Value, config.DModel);

    /// <summary>What each query does with each key that it sees.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">Whose spikes count as the input.</param>
    /// <param name="visited">Whose spikes the engine goes by.</param>
    /// <param name="neurons">Neurons of a step.</param>
    private EnergyCounts Pairs(int layer, SpikeSite input, SpikeSite visited, double neurons)
    {
        double macs = config.DModel * Keys(layer);
        if (Counted is null)
            return Always(macs, weights: 0, state: FloatBytes * macs, activations: FloatBytes * (config.DModel + config.HeadCount * Keys(layer)));
        return new EnergyCounts
        {
            DenseMacs = macs,
            UnrolledAccumulates = Steps * Counted[layer, input].Density * macs,
            LevelAccumulates = Steps * Counted[layer, visited].Density * macs,
            NeuronUpdates = Steps * neurons,
            StateBytes = FloatBytes * macs,
            SpikingStateBytes = Steps * macs / 8,
            ActivationBytes = (double)FloatBytes * config.DModel,
        };
    }

    /// <summary>Behind whole numbers and not behind neurons: their digits are what the engine adds.</summary>
    private EnergyCounts OutProj(int layer)
    {
        int d = config.DModel;
        EnergyCounts counts = Project(d, d, config.HasAttentionBias, Counted?[layer, SpikeSite.Mixed], levels: 0, Steps);
        if (Counted is null)
            return counts;
        SpikeCounts digits = Counted[layer, SpikeSite.MixedDigits];
        return counts with
        {
            LevelAccumulates = d * Steps * (digits.MeanMagnitude * d + Math.Log2(Keys(layer) + 1)),
            NeuronUpdates = (double)Steps * d,
        };
    }
}
