namespace SpikeEngine.Model.Spiking;

/// <summary>The projection a neuron stands in front of.</summary>
public enum SpikeSite
{
    /// <summary>In front of in_proj, after the block's norm.</summary>
    InProj,

    /// <summary>In front of out_proj, after the gated norm.</summary>
    OutProj,
}

/// <summary>Counts of the spikes at one site.</summary>
/// <param name="Neurons">Neuron updates seen.</param>
/// <param name="Active">Spikes that are not zero.</param>
/// <param name="Negative">Spikes below zero.</param>
/// <param name="Magnitude">Σ|s|: spikes after the expansion into D micro-steps.</param>
public readonly record struct SpikeCounts(long Neurons, long Active, long Negative, long Magnitude)
{
    /// <summary>Share of neurons that spike.</summary>
    public double Density => Neurons == 0 ? 0 : (double)Active / Neurons;

    /// <summary>Mean of |s| over all neurons.</summary>
    public double MeanMagnitude => Neurons == 0 ? 0 : (double)Magnitude / Neurons;

    /// <summary>Share of the spikes that are negative.</summary>
    public double NegativeShare => Active == 0 ? 0 : (double)Negative / Active;

    /// <summary>Both together.</summary>
    public static SpikeCounts operator +(SpikeCounts a, SpikeCounts b) =>
        new(a.Neurons + b.Neurons, a.Active + b.Active, a.Negative + b.Negative, a.Magnitude + b.Magnitude);
}

/// <summary>Spike counts of every layer and site of a model.</summary>
/// <param name="layers">Number of layers.</param>
public sealed class SpikeStatistics(int layers)
{
    private readonly SpikeCounts[] _inProj = new SpikeCounts[layers];
    private readonly SpikeCounts[] _outProj = new SpikeCounts[layers];

    /// <summary>Number of layers.</summary>
    public int LayerCount => layers;

    /// <summary>Counts of one site.</summary>
    public SpikeCounts this[int layer, SpikeSite site] => Site(site)[layer];

    /// <summary>Counts of the whole model.</summary>
    public SpikeCounts Total
    {
        get
        {
            SpikeCounts total = default;
            for (int layer = 0; layer < layers; layer++)
                total += _inProj[layer] + _outProj[layer];
            return total;
        }
    }

    /// <summary>Adds the spikes of one forward pass.</summary>
    public void Observe(int layer, SpikeSite site, ReadOnlySpan<float> spikes)
    {
        long active = 0, negative = 0, magnitude = 0;
        foreach (float spike in spikes)
        {
            int s = (int)spike;
            active += s != 0 ? 1 : 0;
            negative += s < 0 ? 1 : 0;
            magnitude += Math.Abs(s);
        }

        Site(site)[layer] += new SpikeCounts(spikes.Length, active, negative, magnitude);
    }

    private SpikeCounts[] Site(SpikeSite site) => site == SpikeSite.InProj ? _inProj : _outProj;
}
