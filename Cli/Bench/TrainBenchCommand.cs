using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using SpikeEngine.Model;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli.Bench;

/// <summary><c>spike bench train</c>: training steps, as shares of what registers allow, and their memory.</summary>
internal static class TrainBenchCommand
{
    private const string Small = "small";
    private const string Lengths = "--lengths";

    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> shape = new("--shape")
        {
            Description = "Sizes of the model: those of a published one, or small, with 6 layers, d_model 256, d_state 64, headdim 64 and 4,096 tokens.",
            HelpName = "NAME", DefaultValueFactory = _ => Small,
        };
        shape.AcceptOnlyFromAmong([Small, .. Mamba2Shapes.Names]);
        Option<int> batch = new Option<int>("--batch") { Description = "Sequences in a batch.", HelpName = "N", DefaultValueFactory = _ => 8 }.AtLeast(1);
        Option<int> length = new Option<int>("--length") { Description = "Tokens in a sequence.", HelpName = "N", DefaultValueFactory = _ => 256 }.AtLeast(1);
        Option<int> chunk = new Option<int>("--chunk") { Description = "Tokens in a chunk of the scan.", HelpName = "N", DefaultValueFactory = _ => 64 }.AtLeast(1);
        Option<int> steps = new Option<int>("--steps") { Description = "Steps that count, after three that do not.", HelpName = "N", DefaultValueFactory = _ => 12 }.AtLeast(1);
        Option<bool> checkpointing = new("--activation-checkpointing") { Description = "Keep only what lies between the blocks, and run each again in the backward pass." };
        Option<bool> denseOnly = new("--dense-only") { Description = "Leave the spiking students out." };
        Option<string?> lengths = NumberList.Option(Lengths, "Measure the dense model with these lengths of sequences instead, with equal tokens in a step, as in 256,1024.");
        Option<bool> profile = new("--profile") { Description = "Measure where the time of the dense model's steps goes instead." };
        Option<string?> threads = NumberList.Threads();
        Option<string?> json = new("--json") { Description = "Write the figures to this file as well.", HelpName = "FILE" };
        Command command = new("train", "Training steps on random tokens: a dense model and its spiking student, or one model with several lengths of sequences.")
        {
            shape, batch, length, chunk, steps, checkpointing, denseOnly, lengths, profile, threads, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                if (parsed.GetValue(json) is { } path)
                    CommonOptions.RequireWritable(path);
                Mamba2Config config = Config(parsed.GetRequiredValue(shape)) with { ChunkSize = parsed.GetValue(chunk) };
                TrainBench bench = new(
                    config, parsed.GetValue(batch), parsed.GetValue(length), parsed.GetValue(checkpointing), parsed.GetValue(steps), cancellation);
                int[] counts = NumberList.ThreadsOf(parsed.GetValue(threads)), several = NumberList.Parse(Lengths, parsed.GetValue(lengths));
                if (parsed.GetValue(profile))
                {
                    output.WriteLine(bench.Profile(counts[^1]));
                    return SpikeCommandLine.Success;
                }

                IEnumerable<TrainBenchRow> measured = several.Length > 0
                    ? bench.Lengths(counts[^1], several)
                    : bench.Models(counts, spiking: !parsed.GetValue(denseOnly));
                List<TrainBenchRow> rows = [.. measured];
                TrainBenchReport report = new(MachineDescription.Current(), Words(config), bench.Parameters, bench.Memory!, rows);
                Print(report, Consoles.For(output));
                if (parsed.GetValue(json) is { } file)
                    FiguresFile.Write(file, report, TrainBenchJson.Default.TrainBenchReport);

                return SpikeCommandLine.Success;
            },
            cancellation));
        return command;
    }

    private static Mamba2Config Config(string shape) => shape == Small
        ? new Mamba2Config { VocabSize = 4_096, DModel = 256, LayerCount = 6, DState = 64, HeadDim = 64 }
        : Mamba2Shapes.Of(shape);

    private static string Words(Mamba2Config c) => string.Create(
        CultureInfo.InvariantCulture,
        $"{c.LayerCount} layers, d_model {c.DModel}, d_state {c.DState}, headdim {c.HeadDim}, vocabulary {c.VocabSize}, chunks of {c.ChunkSize}");

    private static void Print(TrainBenchReport report, IAnsiConsole console)
    {
        TrainMemoryReport m = report.Memory;
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Shape}: {report.Parameters / 1e6:F2} million parameters"));
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"memory of a step: weights {m.Weights / 1e6:N0} MB, gradients {m.Gradients / 1e6:N0}, moments {m.Moments / 1e6:N0}, activations that the equations need {m.Activations / 1e6:N0}: {m.Needed / 1e6:N0} MB; held {m.Held / 1e6:N0} MB, {m.HeldOfNeeded:F2} times that; the process grew by {m.Process / 1e6:N0} MB"));
        Table table = Consoles.Table("model", "threads", "batch", "ms (min to max)", "tokens/s", "GFLOP/s", "of peak", "compared");
        foreach (TrainBenchRow row in report.Rows)
        {
            table.AddRow(
                new Text(row.Model), Cell($"{row.Threads}"), Cell($"{row.Batch} x {row.Length}"), Cell($"{row.Ms:F1} ({row.MsMin:F1} to {row.MsMax:F1})"),
                Cell($"{row.TokS:N0}"), Cell($"{row.Gflops:F1}"), Cell($"{100 * row.OfPeak:F0} %"), new Text(Comparison(row)));
        }

        console.Write(table);
    }

    private static string Comparison(TrainBenchRow row)
    {
        List<string> parts = [];
        if (row.TimeOfDense is { } dense)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{dense:F2} times dense"));
        if (row.SpeedupOverOneThread is { } speedup)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{speedup:F2} times as fast as 1 thread"));
        if (row.TimeOfShortest is { } shortest)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{shortest:F2} times the shortest, per token"));
        return string.Join(", ", parts);
    }

    private static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));
}
