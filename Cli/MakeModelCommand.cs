using System.CommandLine;
using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Opt;

namespace SpikeEngine.Cli;

/// <summary><c>spike make-model</c>: random weights in the sizes of a published model, to measure speed with.</summary>
internal static class MakeModelCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> shape = new("--shape") { Description = "Sizes of this published model.", HelpName = "NAME", Required = true };
        shape.AcceptOnlyFromAmong([.. Mamba2Shapes.Names, .. OptShapes.Names]);
        Option<string> folder = new("--out") { Description = "Folder to create; one that is there must be empty.", HelpName = "DIR", Required = true };
        Option<string?> type = WeightTypes.Option("--dtype", "How to store the matrices.");
        type.DefaultValueFactory = _ => WeightTypes.All[0].Name;
        Option<long?> shard = CommonOptions.ShardSize();
        Option<ulong> seed = CommonOptions.Seed();
        Command command = new("make-model", "Write a model with random weights in the sizes of a published one, to measure speed with.") { shape, folder, type, shard, seed };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                string target = parsed.GetRequiredValue(folder);
                ModelTarget.RequireEmpty(target);
                string name = parsed.GetRequiredValue(shape);
                LanguageModelConfig config = OptShapes.Names.Contains(name) ? OptShapes.Of(name) : Mamba2Shapes.Of(name);
                AtomicFolder.Write(target, partial => ShareProgress.Run(error, "writing", progress => RandomCheckpoint.Write(
                    partial, config, parsed.GetValue(seed), WeightTypes.OfOptional(parsed.GetValue(type)) ?? StorageType.Float32, parsed.GetValue(shard), progress, cancellation)));
                long bytes = Directory.EnumerateFiles(target).Sum(file => new FileInfo(file).Length);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {name}, {bytes / 1e6:N0} MB"));
                return SpikeCommandLine.Success;
            },
            cancellation));
        return command;
    }
}
