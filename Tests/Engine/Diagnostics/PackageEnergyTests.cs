namespace SpikeEngine.Tests.Engine.Diagnostics;

/// <summary>The processor's counter of energy, with files in its place.</summary>
public sealed class PackageEnergyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PackagesAreAddedAndCountersMayRunOver()
    {
        Zone("intel-rapl:0", "package-0", 900, 1_000);
        Zone("intel-rapl:1", "package-1", 100, 1_000);
        Zone("intel-rapl:0:0", "core", 5, 1_000);
        var energy = PackageEnergy.Find(_folder.Path);
        Assert.Null(energy.Problem);
        IReadOnlyList<ulong> before = energy.Now();
        Zone("intel-rapl:0", "package-0", 50, 1_000);
        Zone("intel-rapl:1", "package-1", 400, 1_000);
        Assert.Equal((150 + 300) / 1e6, energy.JoulesSince(before), 12);
    }

    [Fact]
    public void WhatIsNotThereIsSaidNotToBe()
    {
        Assert.Contains("no counter of a package", PackageEnergy.Find(_folder.Path).Problem, StringComparison.Ordinal);
        Assert.Contains("the system has no", PackageEnergy.Find(_folder.File("nowhere")).Problem, StringComparison.Ordinal);
        Zone("intel-rapl:0", "package-0", 1, 2);
        File.WriteAllText(Path.Combine(_folder.Path, "intel-rapl:0", "energy_uj"), "much");
        Assert.Contains("cannot be read", PackageEnergy.Find(_folder.Path).Problem, StringComparison.Ordinal);
    }

    private void Zone(string zone, string name, ulong energy, ulong range)
    {
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(_folder.Path, zone));
        File.WriteAllText(Path.Combine(folder.FullName, "name"), name + "\n");
        File.WriteAllText(Path.Combine(folder.FullName, "energy_uj"), $"{energy}\n");
        File.WriteAllText(Path.Combine(folder.FullName, "max_energy_range_uj"), $"{range}\n");
    }
}
