namespace SpikeEngine.Model.Spiking;

/// <summary>
/// More about the spikes of a model than their counts: how often each level occurs, which units never spike, and how the activity changes along a text.
/// One text at a time: rows are its consecutive tokens. Given to <see cref="SpikeStatistics.Details"/>, and only then collected.
/// </summary>
public sealed class SpikeDetails
{
    private readonly SiteDetails[] _sites;   // [layer][site]
    private readonly int _layers;

    /// <summary>Nothing seen yet.</summary>
    /// <param name="config">A model with neurons.</param>
    /// <param name="binTokens">Tokens of a text that are counted together.</param>
    /// <param name="bins">How many such bins there are; the last one takes the rest of a text.</param>
    /// <exception cref="ArgumentException">The model has no neurons, or a number is not positive.</exception>
    public SpikeDetails(Mamba2Config config, int binTokens, int bins)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        Levels = (config.Spiking ?? throw new ArgumentException("The model has no neurons.", nameof(config))).Levels;
        (BinTokens, Bins, _layers) = (binTokens, bins, config.LayerCount);
        _sites = [.. Enumerable.Range(0, 2 * _layers).Select(i => new SiteDetails(i % 2 == 0 ? config.DModel : config.DInner, Levels, bins))];
    }

    /// <summary>D.</summary>
    public int Levels { get; }

    /// <summary>Tokens of a text that are counted together.</summary>
    public int BinTokens { get; }

    /// <summary>Number of bins.</summary>
    public int Bins { get; }

    /// <summary>Number of layers.</summary>
    public int LayerCount => _layers;

    /// <summary>What was seen at one site.</summary>
    public SiteDetails this[int layer, SpikeSite site] => _sites[2 * layer + (site == SpikeSite.InProj ? 0 : 1)];

    /// <summary>The next token is the first of another text.</summary>
    public void StartText()
    {
        foreach (SiteDetails site in _sites)
            site.StartText();
    }

    /// <summary>Adds the spikes of consecutive tokens.</summary>
    internal void Observe(int layer, SpikeSite site, ReadOnlySpan<float> spikes) => this[layer, site].Observe(spikes, BinTokens);
}

/// <summary>Spikes of one site by level, by unit and by place in the text.</summary>
public sealed class SiteDetails
{
    private readonly long[] _histogram;
    private readonly long[] _unitActive;
    private readonly SpikeCounts[] _bins;
    private readonly int _levels;
    private int _position;

    internal SiteDetails(int units, int levels, int bins)
    {
        _levels = levels;
        _histogram = new long[2 * levels + 1];
        _unitActive = new long[units];
        _bins = new SpikeCounts[bins];
    }

    /// <summary>[2 D + 1]: how often s was -D, ..., 0, ..., D.</summary>
    public IReadOnlyList<long> Histogram => _histogram;

    /// <summary>[units]: how often each spiked.</summary>
    public IReadOnlyList<long> UnitActive => _unitActive;

    /// <summary>Units that never spiked.</summary>
    public int DeadUnits => _unitActive.Count(count => count == 0);

    /// <summary>Counts along a text; those of bins that no text reached are empty.</summary>
    public IReadOnlyList<SpikeCounts> Positions => _bins;

    internal void StartText() => _position = 0;

    internal void Observe(ReadOnlySpan<float> spikes, int binTokens)
    {
        int units = _unitActive.Length;
        if (spikes.Length % units != 0)
            throw new ArgumentException($"There are {spikes.Length} spikes of {units} units: no whole number of tokens.", nameof(spikes));
        for (int start = 0; start < spikes.Length; start += units, _position++)
            _bins[Math.Min(_position / binTokens, _bins.Length - 1)] += Token(spikes.Slice(start, units));
    }

    private SpikeCounts Token(ReadOnlySpan<float> spikes)
    {
        int active = 0, negative = 0, magnitude = 0;
        for (int unit = 0; unit < spikes.Length; unit++)
        {
            int s = Math.Clamp((int)spikes[unit], -_levels, _levels);
            _histogram[s + _levels]++;
            if (s == 0)
                continue;
            active++;
            negative += s < 0 ? 1 : 0;
            magnitude += Math.Abs(s);
            _unitActive[unit]++;
        }

        return new SpikeCounts(spikes.Length, active, negative, magnitude);
    }
}
