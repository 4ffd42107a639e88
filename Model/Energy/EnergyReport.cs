using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Energy;

/// <summary>
/// Modelled energy per token of a spiking model against its dense twin, from measured spike counts: E_dense = E_MAC d_in d_out, E_spiking =
/// E_AC d_out Σ_j |s_j| for a projection. Beside that arithmetic, figures that count bytes as well.
/// </summary>
public abstract class EnergyReport
{
    private protected const int FloatBytes = sizeof(float);
    private protected const int ReadAndWritten = 2;
    private const int PositionBytes = sizeof(ushort);   // of an active input

    private readonly LanguageModelConfig _config;
    private readonly StorageType _weights;
    private readonly StorageType _head;

    private protected EnergyReport(LanguageModelConfig config, SpikeStatistics? spikes, EnergyConstants constants, StorageType weights, StorageType? head)
    {
        ArgumentNullException.ThrowIfNull(constants);
        constants.Validate();
        if (spikes is not null && !config.IsSpiking)
            throw new ArgumentException("The model has no neurons.", nameof(config));
        if (spikes is not null && spikes.Total.Neurons == 0)
            throw new ArgumentException("No spikes were counted; run the model with these statistics first.", nameof(spikes));
        (_config, Counted, Constants) = (config, spikes, constants);
        (_weights, _head) = (weights, head ?? weights);
    }

    /// <summary>Energy of an operation.</summary>
    public EnergyConstants Constants { get; }

    /// <summary>Whether there are spikes; of a dense model multiply-accumulates are counted only, the spiking figures are those of the dense one.</summary>
    public bool Spikes => Counted is not null;

    /// <summary>Number of layers.</summary>
    public int LayerCount => _config.LayerCount;

    /// <summary>How everything is computed, one formula a line.</summary>
    public abstract IReadOnlyList<string> Formulas { get; }

    /// <summary>Every part of every layer, then those that are no layer's.</summary>
    public IReadOnlyList<EnergyRow> Rows =>
    [
        .. Enumerable.Range(0, LayerCount).SelectMany(layer => LayerParts.Select(part => new EnergyRow(layer, part, Figures(Count(layer, part))))),
        .. OtherParts.Select(part => new EnergyRow(Layer: null, part, Figures(Count(part)))),
    ];

    /// <summary>The counts, or null of a dense model.</summary>
    private protected SpikeStatistics? Counted { get; }

    /// <summary>Parts of a layer, in order.</summary>
    private protected abstract IReadOnlyList<EnergyPart> LayerParts { get; }

    /// <summary>Parts beside the layers.</summary>
    private protected abstract IReadOnlyList<EnergyPart> OtherParts { get; }

    /// <summary>The figures of a scope.</summary>
    public EnergyFigures this[EnergyScope scope]
    {
        get
        {
            EnergyCounts sum = default;
            for (int layer = 0; layer < LayerCount; layer++)
                sum += Sum(layer, scope);
            if (scope == EnergyScope.Model)
                sum = OtherParts.Aggregate(sum, (s, part) => s + Count(part));
            return Figures(sum);
        }
    }

    /// <summary>A report for a model.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="spikes">Counts from running it on text; null for a dense model, of which multiply-accumulates and bytes are told.</param>
    /// <param name="constants">Energy of an operation.</param>
    /// <param name="weights">How the projections are kept.</param>
    /// <param name="head">How the head is kept; null for the same.</param>
    /// <param name="keys">Of a dense transformer: keys that a token sees in the mean. Of a spiking one they are counted.</param>
    /// <exception cref="ArgumentException">There are counts and no neurons, nothing was counted, or a constant is no energy.</exception>
    public static EnergyReport Of(
        LanguageModelConfig config, SpikeStatistics? spikes, EnergyConstants constants, StorageType weights = StorageType.Float32, StorageType? head = null,
        double keys = 1) => config switch
        {
            Mamba2Config mamba2 => new Mamba2EnergyReport(mamba2, spikes, constants, weights, head),
            OptConfig opt => new OptEnergyReport(opt, spikes, constants, weights, head, keys),
            _ => throw new ArgumentException($"The energy of a model of type '{config?.ModelType}' is not modelled.", nameof(config)),
        };

    /// <summary>The figures of one layer, its whole block or its projections.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public EnergyFigures Layer(int layer, EnergyScope scope = EnergyScope.Block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, LayerCount);
        return Figures(Sum(layer, scope));
    }

    /// <summary>A part of a layer.</summary>
    private protected abstract EnergyCounts Count(int layer, EnergyPart part);

    /// <summary>A part beside the layers.</summary>
    private protected abstract EnergyCounts Count(EnergyPart part);

    /// <summary>Whether a part of a layer is a projection.</summary>
    private protected abstract bool IsProjection(EnergyPart part);

    /// <summary>The head.</summary>
    private protected EnergyCounts Head(int width) => Always(
        (double)_config.VocabSize * width, WeightBytes(_head, width, _config.VocabSize), state: 0, activations: (double)FloatBytes * (width + _config.VocabSize));

    /// <summary>What does not depend on spikes.</summary>
    private protected static EnergyCounts Always(double macs, double weights, double state, double activations) => new()
    {
        DenseMacs = macs, SpikingMacs = macs, DenseWeightBytes = weights, SpikingWeightBytes = weights, StateBytes = state, SpikingStateBytes = state,
        ActivationBytes = activations,
    };

    /// <summary>A projection, behind neurons when there are counts.</summary>
    /// <param name="inputs">d_in</param>
    /// <param name="outputs">d_out</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="spikes">What was counted in front of it; null for a dense one.</param>
    /// <param name="levels">D, as many additions for each output beside those of active inputs.</param>
    /// <param name="steps">Times that a token is presented.</param>
    private protected EnergyCounts Project(int inputs, int outputs, bool hasBias, SpikeCounts? spikes, int levels, int steps = 1)
    {
        double activations = (double)FloatBytes * (inputs + outputs), biases = hasBias ? (double)FloatBytes * outputs : 0;
        double all = WeightBytes(_weights, inputs, outputs) + biases;
        if (spikes is not { } counts)
            return Always((double)inputs * outputs, all, state: 0, activations);
        double active = counts.Density * inputs * steps;
        return new EnergyCounts
        {
            DenseMacs = (double)inputs * outputs,
            UnrolledAccumulates = outputs * counts.MeanMagnitude * inputs * steps,
            LevelAccumulates = outputs * (active + levels),
            NeuronUpdates = (double)inputs * steps,
            DenseWeightBytes = all,
            SpikingWeightBytes = WeightBytes(_weights, active, outputs) + biases,
            ActivationBytes = activations,
            SpikeBytes = ReadAndWritten * PositionBytes * active,
        };
    }

    private EnergyFigures Figures(EnergyCounts counts) => new(counts, Constants);

    private EnergyCounts Sum(int layer, EnergyScope scope) =>
        LayerParts.Where(part => scope != EnergyScope.Projections || IsProjection(part)).Aggregate(default(EnergyCounts), (sum, part) => sum + Count(layer, part));

    private static double WeightBytes(StorageType type, double inputs, int outputs) => type switch
    {
        StorageType.Float32 => FloatBytes * inputs * outputs,
        StorageType.BFloat16 or StorageType.Float16 => sizeof(ushort) * inputs * outputs,
        _ => inputs * outputs + FloatBytes * outputs,   // and the scale of each output
    };
}
