using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary><c>spike bench</c>: what this machine does, as shares of what it was measured to be able to do in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> weight = new("--weight")
        {
            Description = "How the weights are stored.", HelpName = "TYPE", DefaultValueFactory = _ => WeightTypes.All[0].Name,
        };
        weight.AcceptOnlyFromAmong([.. WeightTypes.All.Select(each => each.Name)]);
        Option<string[]> shape = ShapeOption.Create();
        ScanBench? scan = null;   // kept for both numbers of threads
        return new("bench", "Measure products and the selective scan on this machine, dense and spiking; let nothing else run meanwhile.")
        {
            Part(
                "peak", "Multiply-adds of floats and of bytes on registers alone, and reading from memory: the yardsticks.",
                static (_, _, peak) => PeakBench.Rows(peak), _ => PeakBench.RowCount),
            Part(
                "gemm", "Dense products of matrices, weights packed on the way and ahead, stored weights, and integer spikes times bytes.",
                static (_, context, _) => GemmBench.Rows(context), _ => GemmBench.RowCount),
            Part(
                "gemv", "Dense products with one vector, for each way of storing weights, from memory.",
                static (_, context, _) => GemvBench.Rows(context), _ => GemvBench.RowCount),
            Part(
                "spike", "Products of integer spikes in turns with the dense product.",
                (parsed, context, _) => SpikeBench.Rows(context, WeightTypes.All.First(each => each.Name == parsed.GetValue(weight)), ShapeOption.Of(parsed.GetValue(shape))),
                parsed => SpikeBench.RowCount(ShapeOption.Of(parsed.GetValue(shape))), weight, shape),
            Part(
                "scan",
                "The selective scan, as a share of multiply-adds; convolution, norms, activations and AdamW, as shares of a plain pass that "
                + "reads and writes as many tensors of the same size. Tensors of 3.7 MB, which a cache holds, and of 59 MB; takes 1 GB.",
                (_, context, _) => (scan ??= new ScanBench(ScanBenchPlan.Default, context.Workspace, context.Cancellation)).Rows(),
                _ => ScanBenchPlan.Default.RowCount),
            Part(
                "attention",
                "Causal attention with softmax, as a share of multiply-adds, and with spikes, from floats to floats and on bits alone, against it (D: steps; density: of queries, keys and values).",
                static (_, context, _) => AttentionBench.Rows(context), _ => AttentionBench.RowCount),
            Part(
                "conv",
                "Convolutions of 3 x 3 over maps of 32 x 32: dense ones in turns with the product of as many multiply-adds, and binary spikes (add-only) in turns with the dense convolution.",
                static (_, context, _) => ConvBench.Rows(context), _ => ConvBench.RowCount),
            BenchCommand.Part(
                "forms",
                "The forms of integer spikes side by side, one pass, ternary planes and micro-steps: additions, encoding and product, in turns with the dense product.",
                error, static (_, context, _) => FormBench.Rows(context), _ => FormBench.RowCount,
                (report, path) => Report(report, path, BenchTable.OfForms(report.Rows), Consoles.For(output))),
            ModelBenchCommand.Create(output, error),
            TrainBenchCommand.Create(output, error),
            CrossoverCommand.Create(output, error),
        };

        Command Part(string name, string description, Func<ParseResult, BenchContext, MachinePeak, IEnumerable<BenchRow>> measure, Func<ParseResult, int> rows, params Option[] options) =>
            BenchCommand.Part(name, description, error, measure, rows, (report, path) => Report(report, path, BenchTable.Of(report.Rows), Consoles.For(output)), options: options);
    }

    /// <summary>One part of the bench.</summary>
    /// <param name="name">Its verb.</param>
    /// <param name="description">Its help.</param>
    /// <param name="error">For progress, if it is a terminal.</param>
    /// <param name="measure">Measures row by row.</param>
    /// <param name="rows">How many rows that gives with one number of threads.</param>
    /// <param name="report">Does something with the figures, and the file that they shall be written to.</param>
    /// <param name="prepare">Checks before anything is measured; gets the file that the figures shall be written to.</param>
    /// <param name="options">Options beside those of all parts.</param>
    internal static Command Part(
        string name, string description, TextWriter error, Func<ParseResult, BenchContext, MachinePeak, IEnumerable<BenchRow>> measure, Func<ParseResult, int> rows,
        Action<BenchReport, string?> report, Action<string?>? prepare = null, params Option[] options)
    {
        Option<int?> threads = CommonOptions.Threads();
        threads.Description = "Threads to use. [default: one, and then all processors]";
        Option<string?> json = new("--json") { Description = "Write the figures to this file as well.", HelpName = "FILE" };
        Command command = new(name, description) { threads, json };
        foreach (Option option in options)
            command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            int? count = parsed.GetValue(threads);
            string? path = parsed.GetValue(json);
            return Task.Run(
                () =>
                {
                    if (path is not null)
                        CommonOptions.RequireWritable(path);
                    prepare?.Invoke(path);
                    int[] counts = count is { } one ? [one] : RowParallel.Threads > 1 ? [1, RowParallel.Threads] : [1];
                    BenchContext context = new(cancellation);
                    report(Measure(counts, peak => measure(parsed, context, peak), rows(parsed), Consoles.For(error)), path);
                    return SpikeCommandLine.Success;
                },
                cancellation);
        });
        return command;
    }

    private static BenchReport Measure(int[] counts, Func<MachinePeak, IEnumerable<BenchRow>> measure, int rowCount, IAnsiConsole progress)
    {
        MachinePeak? peak = null;
        IReadOnlyList<BenchRow> rows = BenchProgress.Collect(progress, counts.Length * rowCount, counts.SelectMany(Each));
        return new BenchReport(MachineDescription.Current(), peak!.GFlopsPerSecond, peak.ReadGBytesPerSecond, rows);

        IEnumerable<BenchRow> Each(int threads)
        {
            RowParallel.Threads = threads;
            peak = MachinePeak.Measure();
            return measure(peak);
        }
    }

    /// <summary>Prints a table below the machine, and writes the file.</summary>
    internal static void Report(BenchReport report, string? jsonPath, Table table, IAnsiConsole console)
    {
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Machine.Cpu}, {report.Machine.Lanes} lanes, {report.Machine.Threads} thread(s): {report.PeakGflops:F0} GFLOP/s, {report.ReadGbs:F1} GB/s"));
        console.Write(table);
        if (jsonPath is not null)
            FiguresFile.Write(jsonPath, report, BenchJson.Default.BenchReport);
    }
}
