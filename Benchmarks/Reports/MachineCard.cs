using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using BenchmarkDotNet.Environments;
using Perfolizer.Models;
using SpikeEngine.Kernels;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>What a table was measured on, and what that can do at most.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Cpu">The same, as BenchmarkDotNet finds it.</param>
/// <param name="Peaks">The most it can do, with one thread and with all.</param>
internal sealed record MachineCard(MachineDescription Machine, CpuInfo Cpu, IReadOnlyList<MachinePeak> Peaks)
{
    private static readonly Lazy<MachineCard> s_current = new(Measure);

    /// <summary>This machine; measured on first use, in about a second, so nothing else should run then.</summary>
    public static MachineCard Current => s_current.Value;

    /// <summary>A table of two columns.</summary>
    public string ToMarkdown()
    {
        List<string[]> rows =
        [
            ["processor", Machine.Cpu],
            ["cores", Cores()],
            ["clock", Clock()],
            ["registers", $"{Bits(Machine.Lanes)} in use; {string.Join(", ", AvailableLanes().Select(Bits))} available"],
        ];
        rows.AddRange(Peaks.Select(peak => new[]
        {
            Threads(peak.Threads), Invariant($"{peak.GFlopsPerSecond:F1} GFLOP/s at most; {peak.ReadGBytesPerSecond:F1} GB/s read"),
        }));
        rows.Add(["system", $"{Machine.Os}, {Machine.Architecture}"]);
        rows.Add(["runtime", Machine.Dotnet]);
        rows.Add(["commit", Machine.Commit ?? "not known"]);
        return MarkdownTable.Format(["machine", ""], rows, numbers: 0);
    }

    /// <summary>The width of registers of so many floats.</summary>
    public static string Bits(int lanes) => Invariant($"{32 * lanes} bits");

    /// <summary>So many threads.</summary>
    public static string Threads(int count) => Invariant($"{count} thread{(count == 1 ? "" : "s")}");

    private static MachineCard Measure()
    {
        var machine = MachineDescription.Current();
        List<MachinePeak> peaks = [];
        foreach (int threads in new[] { 1, machine.Threads }.Distinct())
        {
            RowParallel.Threads = threads;
            peaks.Add(MachinePeak.Measure());
        }

        RowParallel.Threads = machine.Threads;
        return new MachineCard(machine, HostEnvironmentInfo.GetCurrent().Cpu.Value, peaks);
    }

    private string Cores() =>
        (Cpu.PhysicalCoreCount is { } physical ? Invariant($"{physical} physical, ") : "")
        + Invariant($"{Machine.LogicalCores} logical in use");

    private string Clock() => (Cpu.NominalFrequencyHz, Cpu.MaxFrequencyHz) switch
    {
        (null, null) => "not known",
        ({ } nominal, null) => Invariant($"{nominal / 1e9:F2} GHz"),
        (null, { } most) => Invariant($"up to {most / 1e9:F2} GHz"),
        ({ } nominal, { } most) => Invariant($"{nominal / 1e9:F2} GHz, up to {most / 1e9:F2} GHz"),
    };

    /// <summary>What processor and runtime have, also where they recommend less (<see cref="Simd.Widest"/>).</summary>
    private static IEnumerable<int> AvailableLanes()
    {
        if (Avx512F.IsSupported)
            yield return 16;
        if (Vector256.IsHardwareAccelerated)
            yield return 8;
        if (Vector128.IsHardwareAccelerated)
            yield return 4;
        yield return 1;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
