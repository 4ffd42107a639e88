using System.CommandLine;
using System.Globalization;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Cli;

/// <summary><c>spike convert</c>: a model in another layout, in other types, in more or fewer files.</summary>
internal static class ConvertCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> folder = new("--out") { Description = "Folder to create, or older model folder to replace.", HelpName = "DIR", Required = true };
        Option<string> layout = CheckpointLayouts.Option();
        Option<string?> type = WeightTypes.Option("--dtype", "How to store the matrices; small tensors become f32. [default: everything as it is]");
        Option<string?> head = WeightTypes.Option("--head", "How to store the embedding and the head. [default: --dtype]");
        Option<long?> shard = CommonOptions.ShardSize();
        Command command = new("convert", "Write a model in another layout, in other types, or in more or fewer files.") { model, folder, layout, type, head, shard };
        command.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValue(layout) != CheckpointLayouts.StateSpaces)
                return;
            if (result.GetValue(shard) is not null)
                result.AddError($"--shard-size: --layout {CheckpointLayouts.StateSpaces} has its weights in one file.");
            string int8 = WeightTypes.NameOf(StorageType.Int8);
            if (result.GetValue(type) == int8 || result.GetValue(head) == int8)
                result.AddError($"--dtype and --head: --layout {CheckpointLayouts.StateSpaces} has no words for {int8}.");
        });
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                string source = parsed.GetRequiredValue(model), target = parsed.GetRequiredValue(folder);
                ModelTarget.RequireReplaceable(target, source);
                using (Checkpoint checkpoint = Checkpoint.Open(source))
                {
                    AtomicFolder.Write(target, partial => ShareProgress.Run(error, "converting", progress => CheckpointConversion.Write(
                        partial, checkpoint, CheckpointLayouts.Of(parsed.GetValue(layout)), WeightTypes.OfOptional(parsed.GetValue(type)),
                        WeightTypes.OfOptional(parsed.GetValue(head)), parsed.GetValue(shard), progress, cancellation)));
                }

                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {Length(target) / 1e6:N1} MB, from {source}: {Length(source) / 1e6:N1} MB"));
                return SpikeCommandLine.Success;
            },
            cancellation));
        return command;
    }

    private static long Length(string folder) => Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length);
}
