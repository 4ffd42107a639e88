namespace SpikeEngine.Model.Spiking;

/// <summary>
/// A closer look at spikes than <see cref="SpikeStatistics"/> has: how often each count occurs, which neurons never spike, and how the share of
/// active ones changes along a text. It takes longer than counting, and is asked for where one wants to look.
/// </summary>
public sealed class SpikeProfile
{
    private readonly LanguageModelConfig _config;
    private readonly int _lowest;
    private readonly long[][] _levels;     // [layer · site][count - lowest]
    private readonly bool[][] _hasSpiked;  // [layer · site][neuron]
    private readonly long[] _active;       // [bin]
    private readonly long[] _neurons;      // [bin]

    /// <summary>A profile for a spiking model.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="length">Tokens of a text; those beyond are left out of the bins.</param>
    /// <param name="bins">Stretches of it.</param>
    /// <exception cref="ArgumentException">The model has no neurons, or there are more bins than tokens.</exception>
    public SpikeProfile(LanguageModelConfig config, int length, int bins)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (!config.IsSpiking)
            throw new ArgumentException("The model has no neurons.", nameof(config));
        if (bins < 1 || length < bins)
            throw new ArgumentException($"{length} tokens cannot be parted into {bins} stretches.", nameof(bins));
        (_config, _lowest, Length) = (config, config.SpikeRange.Lowest, length);
        _levels = [.. Sites().Select(_ => new long[config.SpikeRange.Highest - _lowest + 1])];
        _hasSpiked = [.. Sites().Select(site => new bool[config.NeuronsAt(site)])];
        (_active, _neurons) = (new long[bins], new long[bins]);
    }

    /// <summary>Tokens of a text.</summary>
    public int Length { get; }

    /// <summary>Stretches of a text.</summary>
    public int Bins => _active.Length;

    /// <summary>How often each count occurred at a site, from the lowest on.</summary>
    public IReadOnlyList<(int Count, long Neurons)> Levels(int layer, SpikeSite site) =>
        [.. _levels[Index(layer, site)].Select((neurons, i) => (i + _lowest, neurons))];

    /// <summary>Neurons at a site that never spiked.</summary>
    public int Dead(int layer, SpikeSite site) => _hasSpiked[Index(layer, site)].Count(spiked => !spiked);

    /// <summary>Neurons at a site.</summary>
    public int Neurons(int layer, SpikeSite site) => _hasSpiked[Index(layer, site)].Length;

    /// <summary>Share of the neurons that spike in a stretch of the text; not a number where no text came so far.</summary>
    public double Density(int bin) => (double)_active[bin] / _neurons[bin];

    /// <summary>First token of a stretch.</summary>
    public int Start(int bin) => (int)((long)bin * Length / Bins);

    /// <summary>Adds the spikes of whole texts of one length, as one forward pass has them.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="site">The site.</param>
    /// <param name="spikes">[texts, length, neurons]</param>
    /// <param name="length">Tokens of each text.</param>
    internal void Observe(int layer, SpikeSite site, ReadOnlySpan<float> spikes, int length)
    {
        long[] levels = _levels[Index(layer, site)];
        bool[] hasSpiked = _hasSpiked[Index(layer, site)];
        int rows = spikes.Length / hasSpiked.Length;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> token = spikes.Slice(row * hasSpiked.Length, hasSpiked.Length);
            int active = 0;
            for (int neuron = 0; neuron < token.Length; neuron++)
            {
                int count = (int)token[neuron];
                levels[count - _lowest]++;
                active += count == 0 ? 0 : 1;
                hasSpiked[neuron] |= count != 0;
            }

            int position = row % length;
            if (position >= Length)
                continue;
            int bin = (int)((long)position * Bins / Length);
            _active[bin] += active;
            _neurons[bin] += token.Length;
        }
    }

    private int Index(int layer, SpikeSite site)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, _config.LayerCount);
        int number = _config.SpikeSites.ToList().IndexOf(site);
        return number >= 0
            ? layer * _config.SpikeSites.Count + number
            : throw new ArgumentOutOfRangeException(nameof(site), site, "The model has no spikes there.");
    }

    private IEnumerable<SpikeSite> Sites() => Enumerable.Range(0, _config.LayerCount).SelectMany(_ => _config.SpikeSites);
}
