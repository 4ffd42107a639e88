using System.CommandLine;
using SpikeEngine.Cli.Bench;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Data;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Cli.Evaluation;

/// <summary><c>spike eval</c>: what a model knows without having been shown an example.</summary>
internal static class EvalCommand
{
    private const int CalibrationTokens = 2048;

    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> tasks = new("--tasks")
        {
            Description = $"Tasks, with commas between them:\n{string.Join('\n', ZeroShotTasks.All.Select(task => $"  {task.Name,-18} {task.Description}"))}",
            HelpName = "A,B",
        };
        tasks.MustParse(text => Array.ForEach(Names(text), ZeroShotTasks.Require));
        Option<string> data = new("--data")
        {
            Description = "Folder with the tasks' files, as published or prepared, or one file. They are looked for in it and in its folders.",
            HelpName = "DIR",
            DefaultValueFactory = _ => ".",
        };
        Option<int?> limit = new Option<int?>("--limit")
        {
            Description = "Most items of a task (of blimp: of each paradigm; of texts: documents). [default: all]",
            HelpName = "N",
        }.AtLeast(1);
        Option<int> show = new Option<int>("--show")
        {
            Description = "Print the first N items of each task in full: prompts, answers, scores, what is right and what was chosen.",
            HelpName = "N",
            DefaultValueFactory = _ => 0,
        }.AtLeast(0);
        Option<string?> requests = new("--requests") { Description = "Answer this file of requests (JSON lines) instead; see docs/EVALUATION.md.", HelpName = "FILE" };
        Option<string?> answers = new("--answers") { Description = "File to write the answers to the requests to.", HelpName = "FILE" };
        Option<int> maxLength = new Option<int>("--max-length")
        {
            Description = "Tokens of a window: longer prompts lose their beginning, longer texts are read window by window.",
            HelpName = "N",
            DefaultValueFactory = _ => ZeroShot.DefaultMaxLength,
        }.AtLeast(2);
        Option<string?> json = new("--json") { Description = "Write the figures to this file as well, with the items of --show.", HelpName = "FILE" };
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> weights = WeightTypes.Option("--weights", "Convert the projections to this type while loading. [default: as they are stored]");
        Option<string?> head = WeightTypes.Option("--head", "Convert the embedding and the head to this type while loading. [default: as --weights]");
        Option<string?> spiking = SpikingOption.Create();
        Option<string?> calibration = new("--calibration")
        {
            Description = "Text that --spiking finds the thresholds for a rate on; not the text that is evaluated.",
            HelpName = "FILE",
        };

        Command command = new("eval", "Measure a model on tasks it was shown no example of, and its perplexity on texts, as lm-evaluation-harness does.")
        {
            model, tasks, data, limit, show, requests, answers, maxLength, json, threads, weights, head, spiking, calibration,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(tasks) is null == result.GetResult(requests) is null)
                result.AddError("Exactly one of --tasks and --requests is needed.");
            if (result.GetValue(tasks) is { } names && Names(names) is var all && all.Distinct().Count() < all.Length)
                result.AddError("--tasks names a task twice.");
            if (result.GetResult(requests) is null != result.GetResult(answers) is null)
                result.AddError("--requests and --answers go together.");
            if (result.GetResult(requests) is not null && result.GetResult(json) is not null)
                result.AddError("--json is for the figures of --tasks; the answers to --requests go to --answers.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.Apply(parsed.GetValue(threads));
            EvalSettings settings = new(
                parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), parsed.GetValue(limit), parsed.GetValue(show), parsed.GetValue(maxLength),
                parsed.GetValue(spiking), parsed.GetValue(calibration));
            DecoderOptions options = new() { Weights = WeightTypes.OfOptional(parsed.GetValue(weights)), Head = WeightTypes.OfOptional(parsed.GetValue(head)) };
            return Task.Run(
                () => parsed.GetValue(requests) is { } file
                    ? Answer(settings, options, file, parsed.GetValue(answers)!, output, error, cancellation)
                    : Evaluate(settings, options, Names(parsed.GetValue(tasks)!), parsed.GetValue(json), output, error, cancellation),
                cancellation);
        });
        return command;
    }

    private static string[] Names(string tasks) => tasks.Split(',', StringSplitOptions.TrimEntries);

    private static int Evaluate(
        EvalSettings settings, DecoderOptions options, string[] tasks, string? jsonPath, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        if (jsonPath is not null)
            CommonOptions.RequireWritable(jsonPath);
        foreach (string task in tasks)
            ZeroShotTasks.RequireData(task, settings.Data);
        (LanguageDecoder decoder, Tokenizer tokenizer) = Load(settings, options, cancellation);
        List<TaskResult> results = [];
        foreach (string task in tasks)
        {
            try
            {
                ShareProgress.Run(error, task, progress => results.Add(
                    ZeroShot.Run(decoder, tokenizer, task, settings.Data, settings.Limit, settings.MaxLength, progress, cancellation)));
            }
            catch (Exception failure) when (failure is ArgumentException or InvalidDataException or IOException or OperationCanceledException)
            {
                if (results.Count > 0)
                    Report();   // what was measured is not lost
                if (failure is OperationCanceledException)
                    throw;
                throw new InvalidDataException($"{task}: {ErrorText.Of(failure)}", failure);
            }

            EvalPrinter.Show(results[^1], settings.Show, output);
        }

        Report();
        return SpikeCommandLine.Success;

        void Report()
        {
            EvalPrinter.Print(results, Consoles.For(output));
            if (jsonPath is not null)
                FiguresFile.Write(jsonPath, EvalReport.Of(settings, WeightTypes.NameOf(decoder.WeightType), results), EvalJson.Default.EvalReport);
        }
    }

    private static int Answer(
        EvalSettings settings, DecoderOptions options, string requests, string answers, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        CommonOptions.RequireWritable(answers, "--answers");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(answers))!);
        (LanguageDecoder decoder, Tokenizer tokenizer) = Load(settings, options, cancellation);
        int count = 0;
        ShareProgress.Run(error, "answering", progress => count = RequestFile.Answer(decoder, tokenizer, requests, answers, settings.MaxLength, progress, cancellation));
        output.WriteLine($"{answers}: {count} answers");
        return SpikeCommandLine.Success;
    }

    private static (LanguageDecoder, Tokenizer) Load(EvalSettings settings, DecoderOptions options, CancellationToken cancellation)
    {
        SpikingOption? neurons = SpikingOption.Parse(settings.Spiking);
        if (neurons?.Rate is not null && settings.Calibration is null)
            throw new ArgumentException("--spiking with a rate needs --calibration, a text to find the thresholds on.");
        var decoder = LanguageDecoder.Load(settings.Model, options with { Spiking = neurons?.Config });
        var tokenizer = Tokenizer.Load(ModelFolder.TokenizerOf(settings.Model));
        if (settings.Calibration is { } file)
        {
            int[] sample = tokenizer.Encode(string.Join('\n', TextFile.ReadLines(file, cancellation)));
            decoder = neurons?.Calibrate(decoder, sample.AsMemory(0, Math.Min(sample.Length, CalibrationTokens))) ?? decoder;
        }

        return (decoder, tokenizer);
    }
}
