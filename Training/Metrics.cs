namespace SpikeEngine.Training;

/// <summary>Names of numbers that several objectives report.</summary>
public static class MetricNames
{
    /// <summary>Share of the neurons that spike, over all layers.</summary>
    public const string SpikeRate = "spike_rate";
}

/// <summary>Numbers by name, in the order in which the names were first met; what is added to one name several times is averaged.</summary>
public sealed class Metrics
{
    private readonly OrderedDictionary<string, (double Sum, int Count)> _sums = new(StringComparer.Ordinal);

    /// <summary>Adds a number.</summary>
    /// <param name="name">Its name, in lower case with underscores, as in <c>spike_rate</c>.</param>
    /// <param name="value">The number.</param>
    public void Add(string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (double sum, int count) = _sums.GetValueOrDefault(name);
        _sums[name] = (sum + value, count + 1);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _sums.Clear();

    /// <summary>The means.</summary>
    public IReadOnlyDictionary<string, double> Means()
    {
        OrderedDictionary<string, double> means = new(_sums.Count, StringComparer.Ordinal);
        foreach ((string name, (double sum, int count)) in _sums)
            means.Add(name, sum / count);
        return means;
    }
}
