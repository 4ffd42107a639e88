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
    public static Command Create(TextWriter output) =>
        new("bench", "Measure products on this machine, dense and spiking; let nothing else run meanwhile.")
        {
            Part("peak", "Multiply-adds on registers alone, and reading from memory: the yardsticks.", output, static (_, peak) => Benches.Peak(peak)),
            Part("gemm", "Dense products of matrices.", output, static (benches, _) => benches.Gemm()),
            Part("gemv", "Dense products with one vector, for each way of storing weights.", output, static (benches, peak) => benches.Gemv(peak)),
            Part("spike", "Products of integer spikes in turns with the dense product.", output, static (benches, _) =>
                benches.Spike().Concat(benches.SpikeVector())),
        };

    private static Command Part(string name, string description, TextWriter output, Func<Benches, MachinePeak, IEnumerable<BenchRow>> measure)
    {
        Option<int?> threads = CommonOptions.Threads();
        threads.Description = "Threads to use. [default: one, and then all processors]";
        Option<string?> json = new("--json") { Description = "Write the figures to this file as well.", HelpName = "FILE" };
        Command command = new(name, description) { threads, json };
        command.SetAction((parsed, cancellation) =>
        {
            int? count = parsed.GetValue(threads);
            string? path = parsed.GetValue(json);
            return Task.Run(() => Run(count, path, measure, output, cancellation), cancellation);
        });
        return command;
    }

    private static int Run(
        int? threads, string? jsonPath, Func<Benches, MachinePeak, IEnumerable<BenchRow>> measure, TextWriter output, CancellationToken cancellation)
    {
        if (jsonPath is not null)
            CommonOptions.RequireWritable(jsonPath);
        int[] counts = threads is { } one ? [one] : RowParallel.Threads > 1 ? [1, RowParallel.Threads] : [1];
        Benches benches = new(cancellation);
        List<BenchRow> rows = [];
        MachinePeak? peak = null;
        foreach (int count in counts)
        {
            RowParallel.Threads = count;
            peak = MachinePeak.Measure();
            rows.AddRange(measure(benches, peak));
        }

        BenchReport report = new(MachineDescription.Current(), peak!.GFlopsPerSecond, peak.ReadGBytesPerSecond, rows);
        Print(report, Consoles.For(output));
        if (jsonPath is null)
            return SpikeCommandLine.Success;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(jsonPath))!);
        AtomicFile.Write(jsonPath, stream => JsonSerializer.Serialize(stream, report, BenchJson.Default.BenchReport));
        return SpikeCommandLine.Success;
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
                new Text(row.Kernel), Cell($"{row.M}x{row.K}x{row.N}", row.M), Cell($"{row.Threads}"), new Text(row.Weight ?? ""),
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
