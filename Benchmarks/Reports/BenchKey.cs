using System.Globalization;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>What a row measured: rows of several runs with the same key are the same measurement.</summary>
internal readonly record struct BenchKey(
    string Kernel, int? M, int? K, int? N, int Threads, string? Weight, double? Density, int? Levels, string Labels)
{
    /// <summary>m x k x n, as far as they apply.</summary>
    public string Shape => string.Join('x', new[] { M, K, N }.OfType<int>().Select(size => Invariant($"{size}")));

    /// <summary>In percent, or nothing.</summary>
    public string Percent => Density is null ? "" : Invariant($"{100 * Density:0.#} %");

    public override string ToString() => string.Join(
        ", ", new[] { Kernel, Shape, MachineCard.Threads(Threads), Weight, Percent, Levels is null ? "" : Invariant($"D {Levels}"), Labels }
            .Where(part => !string.IsNullOrEmpty(part)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
