using System.CommandLine;
using SpikeEngine.Training.Runs;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Runs;

/// <summary><c>spike train</c>: a language model on text, or a network on images.</summary>
internal static class TrainCommand
{
    public const string Name = "train";

    public static Command Create(TextWriter output)
    {
        Command command = new(
            Name,
            "Train a language model on text, or a network on images, from settings in a file, a preset and flags. Presets for images: "
            + string.Join(", ", ImageRunPresets.Names) + ".");
        RunOptions options = new(
            $"Text files, folders, JSONL, Parquet, gzip, or {DataSettings.SdkDocs}; images as IDX, CIFAR binary or optdigits, gzipped or not (data.train).",
            RunPresets.Names.Concat(ImageRunPresets.Names),
            (file, flags) => ImageRunConfig.IsMeant(file, flags) ? ImageRunConfig.Read(file, flags) : RunConfig.Read(RunKind.Train, file, flags));
        options.ForSetting("--model", "model.from", "Language model to start from, in place of a new one", "DIR");
        options.AddTo(command, output, (config, folder, existing, observer, cancellation) => config is ImageRunConfig images
            ? ImageTrainRun.Run(images, folder, existing, observer, cancellation)
            : TrainRun.Run((RunConfig)config, folder, existing, DataFormats.All, observer, cancellation));
        return command;
    }
}
