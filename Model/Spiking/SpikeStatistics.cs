using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Spiking;

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
    private static readonly int s_sites = Enum.GetValues<SpikeSite>().Length;

    private readonly SpikeCounts[] _counts = new SpikeCounts[layers * s_sites];
    private readonly long[] _sums = new long[3];

    /// <summary>Number of layers.</summary>
    public int LayerCount => layers;

    /// <summary>A closer look at the spikes of whole texts, when given.</summary>
    public SpikeProfile? Profile { get; init; }

    /// <summary>Tokens of a text in the passes that <see cref="Profile"/> looks at.</summary>
    public int ProfiledLength { get; set; } = 1;

    /// <summary>Counts of one site.</summary>
    public SpikeCounts this[int layer, SpikeSite site] => Counts(layer, site);

    /// <summary>Counts of the whole model; attention maps, which are no vectors of a token, and their sums are left out.</summary>
    public SpikeCounts Total
    {
        get
        {
            SpikeCounts total = default;
            for (int i = 0; i < _counts.Length; i++)
                total += HasNeurons((SpikeSite)(i % s_sites)) ? _counts[i] : default;
            return total;
        }
    }

    /// <summary>Adds counts.</summary>
    internal void Add(int layer, SpikeSite site, SpikeCounts counts) => Counts(layer, site) += counts;

    /// <summary>Adds the spikes of one token.</summary>
    public void Observe(int layer, SpikeSite site, ReadOnlySpan<float> spikes)
    {
        Span<long> counts = [0, 0, 0];
        for (int start = 0; start < spikes.Length; start += SpikeTally.MostSpikes)
            Simd.Run(new SpikeTally { Spikes = spikes.Slice(start, Math.Min(SpikeTally.MostSpikes, spikes.Length - start)), Counts = counts });
        Counts(layer, site) += new SpikeCounts(spikes.Length, counts[0], counts[1], counts[2]);
        if (HasNeurons(site))
            Profile?.Observe(layer, site, spikes, ProfiledLength);
    }

    /// <summary>Adds the spikes of one forward pass.</summary>
    internal void Observe(int layer, SpikeSite site, Tensor spikes)
    {
        // Whole numbers: their sums are the same in any order.
        RowParallel.For(spikes.Count, SpikeTally.MostSpikes, (spikes, _sums), static (s, start, end) =>
        {
            Span<long> counts = [0, 0, 0];
            Simd.Run(new SpikeTally { Spikes = s.spikes.Values[start..end], Counts = counts });
            for (int i = 0; i < counts.Length; i++)
                Interlocked.Add(ref s._sums[i], counts[i]);
        });
        Counts(layer, site) += new SpikeCounts(spikes.Count, _sums[0], _sums[1], _sums[2]);
        if (HasNeurons(site))
            Profile?.Observe(layer, site, spikes.Values, ProfiledLength);
        Array.Clear(_sums);
    }

    private static bool HasNeurons(SpikeSite site) => site is not (SpikeSite.Map or SpikeSite.Mixed or SpikeSite.MixedDigits);

    private ref SpikeCounts Counts(int layer, SpikeSite site) => ref _counts[layer * s_sites + (int)site];
}
