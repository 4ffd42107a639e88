using System.Globalization;

namespace SpikeEngine;

/// <summary>
/// The processor's own counter of the energy of its package (RAPL, by Linux's powercap), where it is there and may be read: of everything that
/// runs on it, not of this process alone.
/// </summary>
public sealed class PackageEnergy
{
    private const string Folder = "/sys/class/powercap";
    private const string Energy = "energy_uj", Range = "max_energy_range_uj", Name = "name";

    private readonly (string Path, ulong Range)[] _counters;

    private PackageEnergy((string, ulong)[] counters, string? problem) => (_counters, Problem) = (counters, problem);

    /// <summary>Why it cannot be measured, or null when it can.</summary>
    public string? Problem { get; }

    /// <summary>Looks for the counters of all packages.</summary>
    /// <param name="folder">Where they are; null for the system's place.</param>
    public static PackageEnergy Find(string? folder = null)
    {
        folder ??= Folder;
        if (!Directory.Exists(folder))
            return new PackageEnergy([], $"the system has no {folder}");
        List<(string, ulong)> counters = [];
        try
        {
            foreach (string zone in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
            {
                string name = Path.Combine(zone, Name);
                if (!File.Exists(name) || !File.ReadAllText(name).StartsWith("package", StringComparison.Ordinal))
                    continue;
                string counter = Path.Combine(zone, Energy);
                Read(counter);
                counters.Add((counter, Read(Path.Combine(zone, Range))));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return new PackageEnergy([], $"the counter cannot be read: {error.Message}");
        }

        return new PackageEnergy([.. counters], counters.Count > 0 ? null : $"{folder} has no counter of a package");
    }

    /// <summary>The counters now, to be subtracted later.</summary>
    public IReadOnlyList<ulong> Now() => Array.ConvertAll(_counters, c => Read(c.Path));

    /// <summary>Joules since a reading, shorter ago than the counters take to run over.</summary>
    public double JoulesSince(IReadOnlyList<ulong> before)
    {
        ArgumentNullException.ThrowIfNull(before);
        double microjoules = 0;
        for (int i = 0; i < _counters.Length; i++)
        {
            ulong now = Read(_counters[i].Path);
            microjoules += now >= before[i] ? now - before[i] : now + _counters[i].Range - before[i];
        }

        return microjoules / 1e6;
    }

    private static ulong Read(string path) => ulong.Parse(File.ReadAllText(path).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
}
