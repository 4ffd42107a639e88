using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary><c>spike bench</c>: what this machine does, as shares of what it was measured to be able to do in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        return new("bench", "Measure products and the selective scan on this machine, dense and spiking; let nothing else run meanwhile.")
        {
            Part(
                "peak", "Multiply-adds on registers alone, and reading from memory: the yardsticks.",
                static (_, peak) => Benches.Peak(peak), _ => Benches.PeakRows),
            Part("gemm", "Dense products of matrices.", static (benches, _) => benches.Gemm(), _ => Benches.GemmRows),
            Part(
                "gemv", "Dense products with one vector, for each way of storing weights.",
                static (benches, peak) => benches.Gemv(peak), _ => Benches.GemvRows),
            Part(
                "spike", "Products of integer spikes in turns with the dense product.",
                static (benches, peak) => peak.Threads == 1 ? benches.Spike().Concat(benches.SpikeVector()) : benches.Spike(),
                threads => Benches.SpikeRows + (threads == 1 ? Benches.SpikeVectorRows : 0)),
            Part(
                "scan",
                "The selective scan, as a share of multiply-adds; convolution, norms, activations and AdamW, as shares of a plain pass that "
                + "reads and writes as many tensors of the same size. Tensors of 3 MB, which a cache holds, and of 64 MB; takes 1 GB.",
                static (benches, _) => benches.Scan(), _ => ScanBenchPlan.Default.RowCount),
        };

        Command Part(string name, string description, Func<Benches, MachinePeak, IEnumerable<BenchRow>> measure, Func<int, int>? rows = null) =>
            BenchCommand.Part(name, description, output, error, measure, rows);
    }

    /// <summary>One part of the bench.</summary>
    /// <param name="name">Its verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="output">For the table.</param>
    /// <param name="error">For progress, if it is a terminal.</param>
    /// <param name="measure">Measures row by row.</param>
    /// <param name="rows">How many rows that gives with a number of threads, if it is known.</param>
    private static Command Part(
        string name, string description, TextWriter output, TextWriter error,
        Func<Benches, MachinePeak, IEnumerable<BenchRow>> measure, Func<int, int>? rows)
    {
        Option<int?> threads = CommonOptions.Threads();
        threads.Description = "Threads to use. [default: one, and then all processors]";
        Option<string?> json = new("--json") { Description = "Write the figures to this file as well.", HelpName = "FILE" };
        Command command = new(name, description) { threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            int? count = parsed.GetValue(threads);
            string? path = parsed.GetValue(json);
            return Task.Run(
                () =>
                {
                    if (path is not null)
                        CommonOptions.RequireWritable(path);
                    int[] counts = count is { } one ? [one] : RowParallel.Threads > 1 ? [1, RowParallel.Threads] : [1];
                    BenchReport report = Measure(counts, measure, rows, Consoles.For(error), cancellation);
                    Report(report, path, Consoles.For(output));
                    return SpikeCommandLine.Success;
                },
                cancellation);
        });
        return command;
    }

    private static BenchReport Measure(
        int[] counts,
        Func<Benches, MachinePeak, IEnumerable<BenchRow>> measure, Func<int, int>? rowCount, IAnsiConsole progress,
        CancellationToken cancellation)
    {
        Benches benches = new(cancellation);
        MachinePeak? peak = null;
        IReadOnlyList<BenchRow> rows = BenchProgress.Collect(progress, rowCount is null ? null : counts.Sum(rowCount), counts.SelectMany(Each));
        return new BenchReport(MachineDescription.Current(), peak!.GFlopsPerSecond, peak.ReadGBytesPerSecond, rows);

        IEnumerable<BenchRow> Each(int threads)
        {
            RowParallel.Threads = threads;
            peak = MachinePeak.Measure();
            return measure(benches, peak);
        }
    }

    private static void Report(BenchReport report, string? jsonPath, IAnsiConsole console)
    {
        Print(report, console);
        if (jsonPath is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(jsonPath))!);
        AtomicFile.Write(jsonPath, stream => JsonSerializer.Serialize(stream, report, BenchJson.Default.BenchReport));
    }

    private static void Print(BenchReport report, IAnsiConsole console)
    {
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Machine.Cpu}, {report.Machine.Lanes} lanes, {report.Machine.Threads} thread(s): {report.PeakGflops:F0} GFLOP/s, {report.ReadGbs:F1} GB/s"));
        Table table = Consoles.Table("kernel", "m x k x n", "threads", "weight", "density", "D", "ms (min to max)", "speed", "of peak", "x dense");
        foreach (BenchRow row in report.Rows)
        {
            table.AddRow(
                new Text(row.Kernel), new Text(row.Sizes), Cell($"{row.Threads}"), new Text(row.Weight ?? ""),
                Cell($"{100 * row.Density:F0} %", row.Density), Cell($"{row.Levels}", row.Levels),
                Cell($"{row.Ms:F3} ({row.MsMin:F3} to {row.MsMax:F3})", row.Ms),
                row.Gflops is { } gflops ? Cell($"{gflops:F1} {(row.Kernel == "spike" ? "Gadd/s" : "GFLOP/s")}") : Cell($"{row.Gbs:F1} GB/s", row.Gbs),
                Cell($"{100 * row.OfPeak:F0} %", row.OfPeak), Cell($"{row.SpeedupVsDense:F2}x", row.SpeedupVsDense));
        }

        console.Write(table);
    }

    private static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));

    private static Text Cell<T>(FormattableString text, T? value)
        where T : struct => value is null ? new Text("") : Cell(text);
}
