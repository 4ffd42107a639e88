using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Images;

/// <summary><c>spike classify</c>: how well a network tells images apart, with which spikes, and for what energy.</summary>
internal static class ClassifyCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string> model = CommonOptions.Model();
        Option<string[]> data = new("--data")
        {
            Description = $"Labelled images: IDX, CIFAR binary or optdigits, gzipped or not; or {ImageSources.Shapes}.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true,
        };
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables." };
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("classify", "Measure a network for images: accuracy, and with spikes, which are added behind the first convolution, those of each layer and the energy.") { model, data, json, threads };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                CommonOptions.Apply(parsed.GetValue(threads));
                ImageNetwork network = ImageModelFolder.Load(parsed.GetRequiredValue(model));
                ImageSet set = ImageSources.ToMeasureOn(parsed.GetRequiredValue(data));
                ImageFit.Require(network.Config, set, parsed.GetRequiredValue(model));
                long start = Stopwatch.GetTimestamp();
                ImageScore score = network.Config.IsSpiking ? ImageEvaluation.OfSpikes(network, set, cancellation) : ImageEvaluation.OfAnn(network, set, cancellation);
                ClassifyDocument document = ClassifyDocument.Of(parsed.GetRequiredValue(model), network, score, Stopwatch.GetElapsedTime(start));
                if (parsed.GetValue(json))
                    output.WriteLine(JsonSerializer.Serialize(document, ClassifyJson.Default.ClassifyDocument));
                else
                    ClassifyPrinter.Print(document, Consoles.For(output));
                return SpikeCommandLine.Success;
            },
            cancellation));
        return command;
    }
}
