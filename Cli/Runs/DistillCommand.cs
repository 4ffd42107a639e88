using System.CommandLine;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary><c>spike distill</c>: a spiking student from a dense model.</summary>
internal static class DistillCommand
{
    public const string Name = "distill";

    public static Command Create(TextWriter output)
    {
        Command command = new(Name, "Distil a spiking student from a dense model, whose weights it starts with.");
        RunOptions options = new(RunKind.Distill, $"Text files, folders, JSONL, Parquet, gzip, or {DataSettings.SdkDocs} (data.train).");
        options.ForSetting("--teacher", "distillation.teacher", "Folder of the dense model", "DIR");
        options.AddTo(command, output, (config, folder, existing, observer, cancellation) =>
            DistillRun.Run((RunConfig)config, folder, existing, DataFormats.All, observer, cancellation));
        return command;
    }
}
