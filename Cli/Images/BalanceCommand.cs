using System.CommandLine;
using System.Globalization;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Images;

/// <summary><c>spike balance</c>: a spiking network out of a trained ANN, without training.</summary>
internal static class BalanceCommand
{
    private const int MostSteps = 1_024;   // all steps of some images exist at once

    public static Command Create(TextWriter output)
    {
        Option<string> model = CommonOptions.Model();
        model.Description = "Folder of a network for images that was trained with method.name=ann.";
        Option<string[]> data = new("--data")
        {
            Description = $"Images that thresholds are found on, best those that it has learnt from: IDX, CIFAR binary or optdigits, gzipped or not; or {ImageSources.Shapes}.",
            HelpName = "FILE",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<int> steps = new("--time-steps") { Description = "T: the more, the nearer to the ANN, and the more spikes.", HelpName = "T", Required = true };
        steps.AtLeast(1, MostSteps);
        Option<double> percentile = new("--percentile")
        {
            Description = "Share of a layer's activations that stay below its threshold.", HelpName = "P", DefaultValueFactory = _ => ThresholdBalancing.UsualPercentile,
        };
        percentile.Within(share => share is > 0 and <= 1, "above 0, at most 1");
        Option<string> folder = new("--out") { Description = "Folder to create, or older model folder to replace.", HelpName = "DIR", Required = true };
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("balance", "Make a trained ANN for images spike, by thresholds that its activations hardly ever exceed (ANN-to-SNN conversion).")
        {
            model, data, steps, percentile, folder, threads,
        };
        command.SetAction((parsed, _) => Task.Run(() =>
        {
            CommonOptions.Apply(parsed.GetValue(threads));
            string source = parsed.GetRequiredValue(model), target = parsed.GetRequiredValue(folder);
            ModelTarget.RequireReplaceable(target, source);
            ImageNetwork ann = ImageModelFolder.Load(source);
            if (ann.Config.IsSpiking)
                throw new InvalidDataException($"'{source}' spikes already; thresholds are balanced of a network that was trained with method.name=ann.");
            ImageSet images = ImageSources.ToLearnFrom(parsed.GetRequiredValue(data));
            ImageFit.Require(ann.Config, images, source);
            ImageNetwork spiking = ThresholdBalancing.Convert(ann, images, parsed.GetValue(steps), parsed.GetValue(percentile));
            AtomicFolder.Write(target, partial => ImageModelFolder.Save(partial, spiking));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{target}: {source} with spikes, T = {spiking.Config.TimeSteps}; `spike classify --model {target} --data FILE` measures it"));
            return SpikeCommandLine.Success;
        }));
        return command;
    }
}
