using System.Globalization;

namespace SpikeEngine.Model.Energy;

/// <summary>
/// Energy that the processors' packages really took, from the counters that Linux shows under powercap (RAPL of Intel, and of AMD under the same name).
/// They count everything that runs on the machine, and start again after some minutes at full load: look at them more often than that. Where they are
/// not readable, it says why.
/// </summary>
public sealed class PackageEnergy
{
    private const string Folder = "/sys/class/powercap";
    private const string PackageName = "package-";
    private const double MicrojoulesPerJoule = 1e6;

    private readonly Counter[] _counters;

    private PackageEnergy(Counter[] counters, string? reason) => (_counters, Reason) = (counters, reason);

    /// <summary>Why nothing is measured; null when something is.</summary>
    public string? Reason { get; }

    /// <summary>Finds the counters of the packages.</summary>
    /// <param name="folder">Where to look; null for where Linux has them.</param>
    public static PackageEnergy Open(string? folder = null)
    {
        folder ??= Folder;
        if (!Directory.Exists(folder))
            return NotMeasured($"there is no {folder} here");
        try
        {
            Counter[] counters = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Where(IsPackage).Select(zone => new Counter(zone))];
            return counters.Length > 0 ? new PackageEnergy(counters, reason: null) : NotMeasured($"{folder} has no counter of a processor's package");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return NotMeasured(error.Message);
        }
    }

    /// <summary>Joules since the last call, or since opening; null when nothing is measured.</summary>
    /// <exception cref="IOException">A counter that was readable is no longer.</exception>
    public double? Take() => Reason is null ? _counters.Sum(counter => counter.Take()) / MicrojoulesPerJoule : null;

    private static PackageEnergy NotMeasured(string reason) => new([], $"not measured: {reason}");

    private static bool IsPackage(string zone)
    {
        string name = Path.Combine(zone, "name");
        return File.Exists(name) && File.ReadAllText(name).StartsWith(PackageName, StringComparison.Ordinal);
    }

    /// <summary>A counter of microjoules that starts at 0 again when it has reached its range.</summary>
    private sealed class Counter
    {
        private readonly string _file;
        private readonly double _range;
        private double _last;

        internal Counter(string zone)
        {
            _file = Path.Combine(zone, "energy_uj");
            _range = Read(Path.Combine(zone, "max_energy_range_uj"));
            _last = Read(_file);
        }

        internal double Take()
        {
            double now = Read(_file), taken = now - _last;
            _last = now;
            return taken >= 0 ? taken : taken + _range;
        }

        private static double Read(string file) => ulong.Parse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture);
    }
}
