using System.Text.Json.Serialization;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Vision;

namespace SpikeEngine.Cli.Images;

/// <summary>What <c>spike classify</c> found.</summary>
/// <param name="Model">The folder.</param>
/// <param name="Images">How many there were.</param>
/// <param name="Accuracy">In percent.</param>
/// <param name="StandardError">Of the accuracy.</param>
/// <param name="Loss">Mean cross-entropy.</param>
/// <param name="TimeSteps">T; null of an ANN, which has no spikes.</param>
/// <param name="SpikeRate">Spikes of a neuron in a step.</param>
/// <param name="SpikesPerImage">Of all neurons in all steps.</param>
/// <param name="Sites">Of each layer of neurons.</param>
/// <param name="Layers">Of each convolution, and of the classifier.</param>
/// <param name="DenseNj">Energy of an image as an ANN.</param>
/// <param name="SpikingNj">With spikes.</param>
/// <param name="ElapsedS">Time of all images.</param>
internal sealed record ClassifyDocument(
    string Model, int Images, double Accuracy, double StandardError, double Loss, int? TimeSteps, double? SpikeRate, double? SpikesPerImage, IReadOnlyList<ClassifySite> Sites,
    IReadOnlyList<ClassifyLayer> Layers, double DenseNj, double? SpikingNj, double ElapsedS)
{
    public static ClassifyDocument Of(string model, ImageNetwork network, ImageScore score, TimeSpan elapsed)
    {
        SpikeRates? rates = score.Rates;
        ImageEnergyReport energy = score.Energy ?? ImageEnergyReport.OfAnn(network);
        return new ClassifyDocument(
            model, score.Images, score.Accuracy, score.StandardError, score.Loss, rates is null ? null : network.Config.TimeSteps, rates?.Mean, rates?.PerImage,
            rates is null ? [] : [.. network.Sites.Select((site, i) => new ClassifySite(site.Path, site.Neurons, rates.Sites[i]))],
            [.. energy.Rows.Select(row => new ClassifyLayer(row.Name, row.Figures.DenseMacs, row.Figures.SpikingMacs, row.Figures.UnrolledAccumulates))],
            energy.Total.DensePicojoules / 1e3, rates is null ? null : energy.Total.SpikingPicojoules / 1e3, elapsed.TotalSeconds);
    }
}

/// <summary>A layer of neurons.</summary>
internal sealed record ClassifySite(string Name, int Neurons, double Rate);

/// <summary>Operations of a layer for an image.</summary>
internal sealed record ClassifyLayer(string Name, double Macs, double MacsLeft, double Accumulates);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ClassifyDocument))]
internal sealed partial class ClassifyJson : JsonSerializerContext;
