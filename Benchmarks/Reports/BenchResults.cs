using System.Text.RegularExpressions;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Benchmarks.Reports;

/// <summary>Several reports of one machine as one.</summary>
internal sealed partial class BenchResults
{
    private BenchResults(IReadOnlyList<BenchFile> files)
    {
        Machine = files[0].Machine;
        Commits = [.. files.Select(file => file.Machine.Commit ?? "not known").Distinct().Order(StringComparer.Ordinal)];
        Rows = [.. files.SelectMany(file => file.Rows).Where(row => !IsYardstick(row))
            .GroupBy(row => row.Key, (key, rows) => new MergedRow(key, [.. rows]))
            .OrderBy(row => row.Key.Labels, StringComparer.Ordinal)
            .ThenBy(row => (row.Key.M, row.Key.K, row.Key.N), Comparer<(int?, int?, int?)>.Default)
            .ThenBy(row => row.Key.Weight, StringComparer.Ordinal)
            .ThenBy(row => row.Key.Levels)
            .ThenBy(row => row.Key.Density)
            .ThenBy(row => row.Key.Threads)];
        Yardsticks = [.. files.SelectMany(YardsticksOf)
            .GroupBy(each => each.Threads, (threads, all) => new Yardstick(
                threads, Spread.Of(all.Select(each => each.Gflops)), Spread.Of(all.Select(each => each.Gbs))))
            .OrderBy(each => each.Threads)];
    }

    /// <summary>Where all were measured; its threads and commit are those of the first.</summary>
    public MachineDescription Machine { get; }

    /// <summary>What the engine was built from.</summary>
    public IReadOnlyList<string> Commits { get; }

    /// <summary>What the machine can do at most, by threads.</summary>
    public IReadOnlyList<Yardstick> Yardsticks { get; }

    /// <summary>The measurements in an order that does not depend on that of the files.</summary>
    public IReadOnlyList<MergedRow> Rows { get; }

    /// <summary>Name for a file: the processor and the width of registers.</summary>
    public string Slug => NotInNames().Replace(
        Decorations().Replace(Machine.Cpu, " ").ToLowerInvariant() + $" {MachineCard.Bits(Machine.Lanes)}", "-").Trim('-');

    /// <summary>Reads and merges.</summary>
    /// <exception cref="InvalidDataException">
    /// A file is no report, or of another machine or runtime than the first; the message names it.
    /// </exception>
    public static BenchResults Load(IReadOnlyList<string> paths)
    {
        BenchFile[] files = [.. paths.Select(BenchFile.Load)];
        for (int i = 1; i < files.Length; i++)
        {
            (string first, string other) = (Identity(files[0].Machine), Identity(files[i].Machine));
            if (first != other)
                throw new InvalidDataException($"{paths[i]} is of another machine or runtime ({other}) than {paths[0]} ({first}).");
        }

        return new BenchResults(files);
    }

    // Threads are a choice, and a commit may differ from the one before in documentation alone: the document lists them.
    private static string Identity(MachineDescription machine) =>
        $"{machine.Cpu}, {machine.LogicalCores} logical cores, {MachineCard.Bits(machine.Lanes)}, "
        + $"{machine.Os}, {machine.Architecture}, {machine.Dotnet}";

    private static bool IsYardstick(BenchFileRow row) => row.Kernel is "peak" or "read";

    /// <summary>Those that a report lists, or else those that it says its rows were held against.</summary>
    private static IEnumerable<(int Threads, double? Gflops, double? Gbs)> YardsticksOf(BenchFile file) =>
        file.Rows.Any(IsYardstick)
            ? file.Rows.Where(IsYardstick).Select(row => (row.Threads, row.Gflops, row.Gbs))
            : [(file.Machine.Threads, file.PeakGflops, file.ReadGbs)];

    [GeneratedRegex(@"\((R|TM|C)\)|\bCPU\b|@.*", RegexOptions.IgnoreCase)]
    private static partial Regex Decorations();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotInNames();
}

/// <summary>What so many threads can do at most.</summary>
internal sealed record Yardstick(int Threads, Spread? Gflops, Spread? Gbs);

/// <summary>One measurement of several runs.</summary>
internal sealed record MergedRow(BenchKey Key, IReadOnlyList<BenchFileRow> Runs)
{
    public Spread? Ms { get; } = Spread.Of(Runs.Select(run => run.Ms));

    public Spread? Gflops { get; } = Spread.Of(Runs.Select(run => run.Gflops));

    public Spread? Gbs { get; } = Spread.Of(Runs.Select(run => run.Gbs));

    public Spread? OfPeak { get; } = Spread.Of(Runs.Select(run => run.OfPeak));

    public Spread? SpeedupVsDense { get; } = Spread.Of(Runs.Select(run => run.SpeedupVsDense));

    public Spread? OfProduct { get; } = Spread.Of(Runs.Select(run => run.OfProduct));

    public Spread? BreakEven { get; } = Spread.Of(Runs.Select(run => run.BreakEven));
}
