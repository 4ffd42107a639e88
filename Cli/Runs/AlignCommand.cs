using System.CommandLine;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary><c>spike align</c>: a model, dense or spiking, with preferences.</summary>
internal static class AlignCommand
{
    public const string Name = "align";

    public static Command Create(TextWriter output)
    {
        Command command = new(Name, "Align a model with preferences, by DPO or KTO.");
        RunOptions options = new(RunKind.Align, "JSONL with prompt, chosen, rejected; for KTO also prompt, completion, label (data.train).");
        options.ForSetting("--model", "model.from", "Folder of the model to align", "DIR");
        options.ForSetting("--method", "alignment.method", "dpo or kto", "NAME").AcceptOnlyFromAmong(AlignmentSettings.Dpo, AlignmentSettings.Kto);
        options.AddTo(command, output, (config, folder, existing, observer, cancellation) => AlignRun.Run((RunConfig)config, folder, existing, observer, cancellation));
        return command;
    }
}
