using System.Globalization;
using Spectre.Console;

namespace SpikeEngine.Cli.Bench;

/// <summary>Rows of a bench as a table.</summary>
internal static class BenchTable
{
    /// <summary>Each row a line.</summary>
    public static Table Of(IEnumerable<BenchRow> rows)
    {
        Table table = Consoles.Table("kernel", "m x k x n", "threads", "weight", "density", "D", "ms (min to max)", "speed", "of peak", "x dense", "of product");
        foreach (BenchRow row in rows)
        {
            table.AddRow(
                new Text(row.Kernel), new Text(row.Sizes), Cell($"{row.Threads}"), new Text(row.Weight ?? ""),
                Cell($"{100 * row.Density:F0} %", row.Density), Levels(row),
                Cell($"{row.Ms:F3} ({row.MsMin:F3} to {row.MsMax:F3})", row.Ms),
                row.Gflops is { } gflops ? Cell($"{gflops:F1} {(row.Kernel is "spike" or "spike_conv2d" ? "Gadd/s" : "GFLOP/s")}") : Cell($"{row.Gbs:F1} GB/s", row.Gbs),
                Cell($"{100 * row.OfPeak:F0} %", row.OfPeak), Cell($"{row.SpeedupVsDense:F2}x", row.SpeedupVsDense),
                Cell($"{100 * row.OfProduct:F1} %", row.OfProduct));
        }

        return table;
    }

    /// <summary>Each form of spikes a line below its dense product.</summary>
    public static Table OfForms(IEnumerable<BenchRow> rows)
    {
        Table table = Consoles.Table(
            "form", "m x k x n", "threads", "weight", "density", "D", "adds/output", "counted", "neuron + encoding, us", "product, us (min to max)", "x dense");
        foreach (BenchRow row in rows)
        {
            table.AddRow(
                new Text(row.Kernel), new Text(row.Sizes), Cell($"{row.Threads}"), new Text(row.Weight ?? ""), Cell($"{100 * row.Density:F0} %", row.Density),
                Cell($"{row.Levels}", row.Levels), Cell($"{row.AddsExpected:F1}", row.AddsExpected), Cell($"{row.Adds:F1}", row.Adds),
                Cell($"{1e3 * row.EncodeMs:F2}", row.EncodeMs), Cell($"{1e3 * row.Ms:F1} ({1e3 * row.MsMin:F1} to {1e3 * row.MsMax:F1})", row.Ms),
                Cell($"{row.SpeedupVsDense:F2}x", row.SpeedupVsDense));
        }

        return table;
    }

    /// <summary>Each sweep a line, with the speed-up at every density and the break-even.</summary>
    public static Table OfCrossover(IReadOnlyList<BenchRow> rows)
    {
        Table table = Consoles.Table(
        [
            "m x k x n", "threads", "weight", "D",
            .. CrossoverBench.Densities.Select(density => string.Create(CultureInfo.InvariantCulture, $"{100 * density:F0} %")), "break-even", "spikes up to",
        ]);
        int length = CrossoverBench.Densities.Length;
        foreach (BenchRow[] sweep in rows.Where(row => row.Kernel is "spike" or "crossover").Chunk(length + 1))
        {
            BenchRow last = sweep[length];
            table.AddRow(
            [
                new Text(last.Sizes), Cell($"{last.Threads}"), new Text(last.Weight ?? ""), Levels(last),
                .. sweep[..length].Select(row => Cell($"{row.SpeedupVsDense:F2}x")), Cell($"{100 * last.BreakEven:F0} %"), Cell($"{100 * last.AccumulateUpTo:F0} %"),
            ]);
        }

        return table;
    }

    /// <summary>What the choice costs at worst, a line for each number of threads.</summary>
    public static IEnumerable<string> OfDispatch(IReadOnlyList<BenchRow> rows) => rows.Where(row => row.Kernel == "dispatch_worst").Select(worst =>
    {
        double[] speedups = [.. rows.Where(row => row.Kernel == "dispatch" && row.Threads == worst.Threads).Select(row => row.SpeedupVsDense!.Value).Order()];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Chosen by this profile at {speedups.Length} other sizes and densities, {worst.Threads} thread(s): {worst.SpeedupVsDense:F2} times as fast as dense at worst "
            + $"({worst.Sizes}, {worst.Weight}, {(worst.Spikes is null ? $"D {worst.Levels}" : worst.Spikes)}, {100 * worst.Density:F0} %), {speedups[speedups.Length / 2]:F2} times in the middle.");
    });

    private static Text Levels(BenchRow row) => row.Spikes is null ? Cell($"{row.Levels}", row.Levels) : new Text(row.Spikes);

    private static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));

    private static Text Cell<T>(FormattableString text, T? value)
        where T : struct => value is null ? new Text("") : Cell(text);
}
