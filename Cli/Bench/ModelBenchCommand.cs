using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SpikeEngine.Model;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary><c>spike bench model</c>: a model at work, as shares of what memory and registers allow.</summary>
internal static class ModelBenchCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> model = CommonOptions.Model();
        Option<int> prompt = new Option<int>("--prompt") { Description = "Tokens of the prompt.", HelpName = "N", DefaultValueFactory = _ => 512 }.AtLeast(1);
        Option<int> generate = new Option<int>("--generate") { Description = "Tokens to generate.", HelpName = "N", DefaultValueFactory = _ => 128 }.AtLeast(1);
        Option<string?> threads = NumberList.Threads();
        Option<string> rates = new("--rates")
        {
            Description = "Shares of the inputs that shall spike, as in 0.1,0.3; none for dense alone.", HelpName = "R,...",
            DefaultValueFactory = _ => "0.1,0.2,0.4,0.6",
        };
        rates.MustParse(text => Rates(text));
        Option<string?> weights = WeightTypes.Option("--weights", "Convert the projections to this type while loading. [default: as they are stored]");
        Option<string?> head = WeightTypes.Option("--head", "Convert the embedding and the head to this type while loading. [default: as --weights]");
        Option<string?> json = new("--json") { Description = "Write the figures to this file as well.", HelpName = "FILE" };
        Command command = new("model", "Load a model, read a prompt and generate, dense and with neurons at several rates of spikes.")
        {
            model, prompt, generate, threads, rates, weights, head, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                if (parsed.GetValue(json) is { } path)
                    CommonOptions.RequireWritable(path);
                DecoderOptions options = new() { Weights = WeightTypes.OfOptional(parsed.GetValue(weights)), Head = WeightTypes.OfOptional(parsed.GetValue(head)) };
                ModelBench bench = new(
                    parsed.GetRequiredValue(model), options, parsed.GetValue(prompt), parsed.GetValue(generate), Rates(parsed.GetRequiredValue(rates)), cancellation);
                int[] counts = NumberList.ThreadsOf(parsed.GetValue(threads));
                int expected = 1 + counts.Length * (2 + Rates(parsed.GetRequiredValue(rates)).Length);
                IReadOnlyList<ModelBenchRow> rows = BenchProgress.Collect(
                    Consoles.For(error), expected, Measure(bench, counts), row => $"{row.Phase} {BenchProgress.Threads(row.Threads)}");
                ModelBenchReport report = new(
                    MachineDescription.Current(), parsed.GetRequiredValue(model), bench.WeightBytes, bench.PeakMemoryBytes,
                    (double)bench.PeakMemoryBytes / bench.WeightBytes, rows);
                Print(report, Consoles.For(output));
                if (parsed.GetValue(json) is { } file)
                    FiguresFile.Write(file, report, ModelBenchJson.Default.ModelBenchReport);

                return SpikeCommandLine.Success;
            },
            cancellation));
        return command;
    }

    /// <summary>All dense rows first: weights by input, which neurons need, are a second copy in memory.</summary>
    private static IEnumerable<ModelBenchRow> Measure(ModelBench bench, int[] counts)
    {
        RowParallel.Threads = counts.Max();
        yield return bench.Load();
        foreach (Func<IEnumerable<ModelBenchRow>> part in (Func<IEnumerable<ModelBenchRow>>[])[bench.Dense, bench.Spiking])
        {
            foreach (int count in counts)
            {
                RowParallel.Threads = count;
                foreach (ModelBenchRow row in part())
                    yield return row;
            }
        }
    }

    private static void Print(ModelBenchReport report, IAnsiConsole console)
    {
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Model}: {report.WeightBytes / 1e6:N0} MB of matrices for each token; at most {report.PeakMemoryBytes / 1e6:N0} MB of memory ({report.PeakMemoryOfWeights:F2} times that)"));
        Table table = Consoles.Table("phase", "threads", "weight", "spikes", "tokens/s (min to max)", "of bound", "bound");
        foreach (ModelBenchRow row in report.Rows)
        {
            table.AddRow(
                new Text(row.Phase), Cell($"{row.Threads}"), new Text(row.Weight), row.SpikeRate is null ? new Text("") : Cell($"{100 * row.SpikeRate:F0} %"),
                row.Seconds is { } seconds ? Cell($"{seconds:F2} s") : Cell($"{row.TokS:F1} ({row.TokSMin:F1} to {row.TokSMax:F1})"),
                Share(row), new Text(Bound(row)));
        }

        console.Write(table);
    }

    private static Text Share(ModelBenchRow row) => row switch
    {
        { OfBound: null } => new Text(""),
        { OfBoundWithStates: { } withStates } => Cell($"{100 * row.OfBound:F0} % ({100 * withStates:F0} % with states)"),
        _ => Cell($"{100 * row.OfBound:F0} %"),
    };

    private static string Bound(ModelBenchRow row) => row.Phase switch
    {
        "prefill" => string.Create(CultureInfo.InvariantCulture, $"{row.Bound:F0} GFLOP/s"),
        "decode" => string.Create(CultureInfo.InvariantCulture, $"{row.Bound:F1} GB/s"),
        "decode_spiking" => string.Create(CultureInfo.InvariantCulture, $"{row.Bound:F1} tokens/s"),
        _ => "",
    };

    private static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));

    private static double[] Rates(string text) => text.Length == 0 || text == "none"
        ? []
        : [.. text.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate is > 0 and < 1
            ? rate
            : throw new ArgumentException($"--rates: '{part}' is no number above 0 and below 1."))];
}
