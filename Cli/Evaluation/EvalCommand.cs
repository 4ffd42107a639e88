using System.CommandLine;
using Spectre.Console;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Cli.Evaluation;

/// <summary><c>spike eval</c>: what a model knows without having been shown an example.</summary>
internal static class EvalCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> model = CommonOptions.Model();
        Option<string[]> tasks = new("--tasks")
        {
            Description = "Tasks, with commas between them: " + string.Join("; ", ZeroShotTasks.All.Select(task => $"{task.Name} ({task.Description})")) + ".",
            HelpName = "A,B",
            AllowMultipleArgumentsPerToken = false,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries))],
        };
        tasks.Validators.Add(result =>
        {
            foreach (string task in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
            {
                try
                {
                    ZeroShotTasks.Require(task);
                }
                catch (ArgumentException e)
                {
                    result.AddError($"--tasks: {e.Message}");
                }
            }
        });
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
        Option<int> maxLength = new Option<int>("--max-length")
        {
            Description = "Tokens of a window.",
            HelpName = "N",
            DefaultValueFactory = _ => ZeroShot.DefaultMaxLength,
        }.AtLeast(2);
        Option<string?> json = new("--json") { Description = "Write the figures to this file as well.", HelpName = "FILE" };
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> weights = WeightTypes.Option("--weights", "Convert the projections to this type while loading. [default: as they are stored]");
        Option<string?> head = WeightTypes.Option("--head", "Convert the embedding and the head to this type while loading. [default: as --weights]");
        Option<string?> spiking = SpikingOption.Create();

        Command command = new("eval", "Measure a model on tasks it was shown no example of, and its perplexity on texts, as lm-evaluation-harness does.")
        {
            model, tasks, data, limit, show, maxLength, json, threads, weights, head, spiking,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                if (parsed.GetValue(json) is { } file)
                    CommonOptions.RequireWritable(file);
                CommonOptions.Apply(parsed.GetValue(threads));
                string folder = parsed.GetRequiredValue(model);
                SpikingOption? neurons = SpikingOption.Parse(parsed.GetValue(spiking));
                DecoderOptions options = new()
                {
                    Weights = WeightTypes.OfOptional(parsed.GetValue(weights)), Head = WeightTypes.OfOptional(parsed.GetValue(head)), Spiking = neurons?.Config,
                };
                var decoder = Mamba2Decoder.Load(folder, options);
                var tokenizer = Tokenizer.Load(Path.Combine(folder, ModelFolder.TokenizerFile));
                List<TaskResult> results = [];
                foreach (string task in parsed.GetRequiredValue(tasks))
                {
                    ShareProgress.Run(error, task, progress => results.Add(ZeroShot.Run(
                        decoder, tokenizer, task, parsed.GetRequiredValue(data), parsed.GetValue(limit), progress, cancellation, parsed.GetValue(maxLength))));
                }

                EvalPrinter.Print(results, Consoles.For(output));
                return SpikeCommandLine.Success;
            },
            cancellation));
        return command;
    }
}
