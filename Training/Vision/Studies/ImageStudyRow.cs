using System.Globalization;

namespace SpikeEngine.Training.Vision;

/// <summary>One network of a study: how it comes about.</summary>
/// <param name="Name">Of its folder and its result.</param>
/// <param name="Label">What stands in tables.</param>
/// <param name="Method">How it is trained; null when it is converted.</param>
/// <param name="TimeSteps">T; 1 of an ANN.</param>
/// <param name="Seed">Seed of its run.</param>
/// <param name="From">The row that it is converted from.</param>
public sealed record ImageStudyRow(string Name, string Label, ImageMethod? Method, int TimeSteps, ulong Seed, string? From = null)
{
    /// <summary>Name of the rows that are trained as plain ANNs.</summary>
    public const string Ann = "ann";

    /// <summary>Name of the rows of SNN2ANN.</summary>
    public const string Snn2Ann = "snn2ann";

    /// <summary>Name of the rows of back-propagation through time.</summary>
    public const string Bptt = "bptt";

    /// <summary>Name of the rows of back-propagation through as many steps as SNN2ANN has.</summary>
    public const string BpttEqual = "bptt-equal";

    /// <summary>Name of the rows that are converted, but for their steps.</summary>
    public const string Converted = "converted-";

    /// <summary>Steps of SNN2ANN: chosen, as published for a ResNet.</summary>
    public const int Snn2AnnSteps = 5;

    /// <summary>Steps of its peer: chosen, so that their ratio is the published one.</summary>
    public const int BpttSteps = 8;

    private static readonly int[] s_convertedSteps = [8, 32, 128];

    /// <summary>All rows, in the order in which they are done.</summary>
    public static IReadOnlyList<ImageStudyRow> Of(ImageStudyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. Enumerable.Range(0, options.Seeds).SelectMany(i => OfSeed(options.Seed + (ulong)i, i == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-seed{options.Seed + (ulong)i}")))];
    }

    private static IEnumerable<ImageStudyRow> OfSeed(ulong seed, string end)
    {
        yield return new(Ann + end, "ANN", ImageMethod.Ann, 1, seed);
        yield return new(Snn2Ann + end, "SNN2ANN", ImageMethod.Snn2Ann, Snn2AnnSteps, seed);
        yield return new(Bptt + end, "through all steps", ImageMethod.Bptt, BpttSteps, seed);
        yield return new(BpttEqual + end, "through as many steps", ImageMethod.Bptt, Snn2AnnSteps, seed);
        foreach (int steps in s_convertedSteps)
            yield return new(string.Create(CultureInfo.InvariantCulture, $"{Converted}{steps}{end}"), string.Create(CultureInfo.InvariantCulture, $"converted ANN, T = {steps}"), null, steps, seed, Ann + end);
    }
}
