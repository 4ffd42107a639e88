using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Energy;

/// <summary>Which parts of the model are counted.</summary>
public enum EnergyScope
{
    /// <summary>in_proj and out_proj of every layer.</summary>
    Projections,

    /// <summary>Projections, convolution and scan: the headline, since the head depends on the vocabulary and not on the method.</summary>
    Block,

    /// <summary>Block and lm_head.</summary>
    Model,
}

/// <summary>Operations per token and their modelled energy in one scope.</summary>
/// <param name="DenseMacs">Multiply-accumulates of the dense model.</param>
/// <param name="SpikingMacs">Multiply-accumulates that remain in the spiking one.</param>
/// <param name="UnrolledAccumulates">Additions when every spike is expanded into |s| binary ones: outputs · Σ|s|.</param>
/// <param name="LevelAccumulates">Additions when an input is added once whatever its level: outputs · (active + D).</param>
/// <param name="DensePicojoules">Energy of the dense model.</param>
/// <param name="SpikingPicojoules">Energy of the spiking one, with <paramref name="UnrolledAccumulates"/>, as the paper counts.</param>
public sealed record EnergyFigures(
    double DenseMacs, double SpikingMacs, double UnrolledAccumulates, double LevelAccumulates, double DensePicojoules, double SpikingPicojoules)
{
    /// <summary>How many times less energy the spiking model takes.</summary>
    public double Benefit => DensePicojoules / SpikingPicojoules;
}

/// <summary>
/// Modelled energy per token of a spiking model against its dense twin, from measured spike counts (SpikingMamba,
/// energy analysis): E_dense = E_MAC d_in d_out, E_spiking = E_AC d_out Σ_j |s_j| for a projection. Only arithmetic is
/// counted, no memory traffic. The scan counts 3 H P N multiply-accumulates, the convolution K per channel.
/// </summary>
public sealed class EnergyReport
{
    private readonly Mamba2Config _config;
    private readonly SpikeStatistics _spikes;

    /// <summary>A report for a spiking model.</summary>
    /// <param name="config">Its sizes; it must have neurons.</param>
    /// <param name="spikes">Counts from running it on text.</param>
    /// <param name="constants">Energy of an operation.</param>
    /// <exception cref="ArgumentException">The model has no neurons, or nothing was counted.</exception>
    public EnergyReport(Mamba2Config config, SpikeStatistics spikes, EnergyConstants constants)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(spikes);
        ArgumentNullException.ThrowIfNull(constants);
        if (config.Spiking is null)
            throw new ArgumentException("The model has no neurons.", nameof(config));
        if (spikes.Total.Neurons == 0)
            throw new ArgumentException("No spikes were counted; run the model with these statistics first.", nameof(spikes));
        _config = config;
        _spikes = spikes;
        Constants = constants;
    }

    /// <summary>Energy of an operation.</summary>
    public EnergyConstants Constants { get; }

    /// <summary>The figures of a scope.</summary>
    public EnergyFigures this[EnergyScope scope]
    {
        get
        {
            double dense = 0, unrolled = 0, level = 0;
            for (int layer = 0; layer < _config.LayerCount; layer++)
            {
                Project(_config.DModel, _config.InProjRows, _spikes[layer, SpikeSite.InProj], ref dense, ref unrolled, ref level);
                Project(_config.DInner, _config.DModel, _spikes[layer, SpikeSite.OutProj], ref dense, ref unrolled, ref level);
            }

            double remaining = 0;
            if (scope >= EnergyScope.Block)
                remaining += _config.LayerCount * ((double)_config.ConvChannels * _config.DConv + 3.0 * _config.DInner * _config.DState);
            if (scope >= EnergyScope.Model)
                remaining += (double)_config.VocabSize * _config.DModel;

            double mac = Constants.MultiplyAccumulate;
            return new EnergyFigures(
                dense + remaining, remaining, unrolled, level, mac * (dense + remaining), mac * remaining + Constants.Accumulate * unrolled);
        }
    }

    private void Project(int inputs, int outputs, SpikeCounts spikes, ref double macs, ref double unrolled, ref double level)
    {
        macs += (double)inputs * outputs;
        unrolled += outputs * spikes.MeanMagnitude * inputs;
        level += outputs * (spikes.Density * inputs + _config.Spiking!.Levels);
    }
}
