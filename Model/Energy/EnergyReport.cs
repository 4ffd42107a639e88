using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Energy;

/// <summary>
/// Modelled energy per token of a spiking model against its dense twin, from measured spike counts (SpikingMamba,
/// energy analysis): E_dense = E_MAC d_in d_out, E_spiking = E_AC d_out Σ_j |s_j| for a projection. The scan counts 3 H P N
/// multiply-accumulates, the convolution K per channel. Beside that arithmetic, figures that count bytes as well.
/// </summary>
public sealed class EnergyReport
{
    private const int FloatBytes = sizeof(float);
    private const int PositionBytes = sizeof(ushort);   // of an active input
    private const int ReadAndWritten = 2;
    private const int ScanMacs = 3;                     // decay · S + dt B x, and C S, for each element of the state

    private readonly Mamba2Config _config;
    private readonly SpikeStatistics? _spikes;
    private readonly StorageType _weights;
    private readonly StorageType _head;

    /// <summary>A report for a spiking model.</summary>
    /// <param name="config">Its sizes; it must have neurons.</param>
    /// <param name="spikes">Counts from running it on text.</param>
    /// <param name="constants">Energy of an operation.</param>
    /// <param name="weights">How the projections are kept.</param>
    /// <param name="head">How the head is kept; null for the same.</param>
    /// <exception cref="ArgumentException">The model has no neurons, nothing was counted, or a constant is no energy.</exception>
    public EnergyReport(
        Mamba2Config config, SpikeStatistics spikes, EnergyConstants constants, StorageType weights = StorageType.Float32, StorageType? head = null)
        : this(config, constants, weights, head)
    {
        ArgumentNullException.ThrowIfNull(spikes);
        if (config.Spiking is null)
            throw new ArgumentException("The model has no neurons.", nameof(config));
        if (spikes.Total.Neurons == 0)
            throw new ArgumentException("No spikes were counted; run the model with these statistics first.", nameof(spikes));
        _spikes = spikes;
    }

    private EnergyReport(Mamba2Config config, EnergyConstants constants, StorageType weights, StorageType? head)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(constants);
        constants.Validate();
        _config = config;
        (_weights, _head) = (weights, head ?? weights);
        Constants = constants;
    }

    /// <summary>How everything is computed, one formula a line.</summary>
    public static IReadOnlyList<string> Formulas { get; } =
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

    /// <summary>Energy of an operation.</summary>
    public EnergyConstants Constants { get; }

    /// <summary>Whether there are spikes; of a dense model multiply-accumulates are counted only, the spiking figures are those of the dense one.</summary>
    public bool Spikes => _spikes is not null;

    /// <summary>Number of layers.</summary>
    public int LayerCount => _config.LayerCount;

    /// <summary>Every part of every layer, then the head.</summary>
    public IReadOnlyList<EnergyRow> Rows =>
    [
        .. Enumerable.Range(0, _config.LayerCount).SelectMany(layer => new[] { EnergyPart.InProj, EnergyPart.Conv1d, EnergyPart.Scan, EnergyPart.OutProj }
            .Select(part => new EnergyRow(layer, part, Figures(Count(layer, part))))),
        new EnergyRow(Layer: null, EnergyPart.Head, Figures(Head())),
    ];

    /// <summary>The figures of a scope.</summary>
    public EnergyFigures this[EnergyScope scope]
    {
        get
        {
            EnergyCounts sum = scope == EnergyScope.Model ? Head() : default;
            for (int layer = 0; layer < _config.LayerCount; layer++)
                sum += Sum(layer, scope);
            return Figures(sum);
        }
    }

    /// <summary>A report for a dense model: multiply-accumulates and bytes.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="constants">Energy of an operation.</param>
    /// <param name="weights">How the projections are kept.</param>
    /// <param name="head">How the head is kept; null for the same.</param>
    /// <exception cref="ArgumentException">A constant is no energy.</exception>
    public static EnergyReport Dense(Mamba2Config config, EnergyConstants constants, StorageType weights = StorageType.Float32, StorageType? head = null) =>
        new(config, constants, weights, head);

    /// <summary>The figures of one layer, its whole block or its projections.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public EnergyFigures Layer(int layer, EnergyScope scope = EnergyScope.Block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, _config.LayerCount);
        return Figures(Sum(layer, scope));
    }

    private EnergyFigures Figures(EnergyCounts counts) => new(counts, Constants);

    private EnergyCounts Sum(int layer, EnergyScope scope)
    {
        EnergyCounts projections = Count(layer, EnergyPart.InProj) + Count(layer, EnergyPart.OutProj);
        return scope == EnergyScope.Projections ? projections : projections + Count(layer, EnergyPart.Conv1d) + Count(layer, EnergyPart.Scan);
    }

    private EnergyCounts Count(int layer, EnergyPart part) => part switch
    {
        EnergyPart.InProj => Project(_config.DModel, _config.InProjRows, _spikes?[layer, SpikeSite.InProj]),
        EnergyPart.OutProj => Project(_config.DInner, _config.DModel, _spikes?[layer, SpikeSite.OutProj]),
        EnergyPart.Conv1d => Always(
            (double)_config.ConvChannels * _config.DConv,
            weights: FloatBytes * _config.ConvChannels * (_config.DConv + (_config.UseConvBias ? 1.0 : 0)),
            state: (double)ReadAndWritten * FloatBytes * _config.ConvChannels * _config.DConv,
            activations: 2.0 * FloatBytes * _config.ConvChannels),
        _ => Always(
            (double)ScanMacs * _config.DInner * _config.DState,
            weights: 2.0 * FloatBytes * _config.HeadCount,
            state: (double)ReadAndWritten * FloatBytes * _config.DInner * _config.DState,
            activations: (double)FloatBytes * (_config.ConvChannels + _config.HeadCount + _config.DInner)),
    };

    private EnergyCounts Head() => Always(
        (double)_config.VocabSize * _config.DModel, WeightBytes(_head, _config.DModel, _config.VocabSize), state: 0,
        activations: (double)FloatBytes * (_config.DModel + _config.VocabSize));

    /// <summary>What does not depend on spikes.</summary>
    private static EnergyCounts Always(double macs, double weights, double state, double activations) => new()
    {
        DenseMacs = macs, SpikingMacs = macs, DenseWeightBytes = weights, SpikingWeightBytes = weights, StateBytes = state, ActivationBytes = activations,
    };

    private EnergyCounts Project(int inputs, int outputs, SpikeCounts? spikes)
    {
        double activations = (double)FloatBytes * (inputs + outputs), biases = _config.UseBias ? (double)FloatBytes * outputs : 0;
        double all = WeightBytes(_weights, inputs, outputs) + biases;
        if (spikes is not { } counts)
            return Always((double)inputs * outputs, all, state: 0, activations);
        double active = counts.Density * inputs;
        return new EnergyCounts
        {
            DenseMacs = (double)inputs * outputs,
            UnrolledAccumulates = outputs * counts.MeanMagnitude * inputs,
            LevelAccumulates = outputs * (active + _config.Spiking!.Levels),
            NeuronUpdates = inputs,
            DenseWeightBytes = all,
            SpikingWeightBytes = WeightBytes(_weights, active, outputs) + biases,
            ActivationBytes = activations,
            SpikeBytes = ReadAndWritten * PositionBytes * active,
        };
    }

    private static double WeightBytes(StorageType type, double inputs, int outputs) => type switch
    {
        StorageType.Float32 => FloatBytes * inputs * outputs,
        StorageType.BFloat16 or StorageType.Float16 => sizeof(ushort) * inputs * outputs,
        _ => inputs * outputs + FloatBytes * outputs,   // and the scale of each output
    };
}
