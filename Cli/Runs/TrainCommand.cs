using System.CommandLine;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary><c>spike train</c>: a language model on text.</summary>
internal static class TrainCommand
{
    public const string Name = "train";

    public static Command Create(TextWriter output)
    {
        Command command = new(Name, "Train a Mamba2 model on text, from settings in a file, a preset and flags.");
        RunOptions options = new(RunKind.Train, $"Text files, folders, JSONL, Parquet, gzip, or {DataSettings.SdkDocs} (data.train).");
        options.ForSetting("--model", "model.from", "Model to start from, in place of a new one", "DIR");
        options.AddTo(command, output, (config, folder, existing, observer, cancellation) =>
            TrainRun.Run(config, folder, existing, DataFormats.All, observer, cancellation));
        return command;
    }
}
