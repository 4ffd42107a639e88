using SpikeEngine.Model.Vision;

namespace SpikeEngine.Training.Vision;

/// <summary>
/// Makes a spiking network of a trained ANN (threshold balancing: Diehl et al. 2015, Sengupta et al. 2019; reset by subtraction and a percentile in the place of the
/// largest activation: Rueckauer et al. 2017). The threshold λ of a layer is what its activations hardly ever exceed. A spike stands for λ, which is multiplied into the
/// weights that it meets, so that all currents are in the ANN's units and rates times λ come near its activations, the nearer the more steps there are. Max pooling
/// goes by sums over the steps (<see cref="ImageNetworkConfig.PoolsSums"/>).
/// </summary>
public static class ThresholdBalancing
{
    /// <summary>Share of the activations that λ is not exceeded by, when nothing is said.</summary>
    public const double UsualPercentile = 0.999;

    private const int ImagesTogether = 64;
    private const int MostValues = 1 << 22;   // of a layer's activations that are sorted
    private const ulong OrderSeed = 1;

    /// <summary>The spiking network; the ANN stays as it is.</summary>
    /// <param name="ann">A trained network.</param>
    /// <param name="images">Images to find thresholds on, such as some of those it has learnt from.</param>
    /// <param name="steps">T</param>
    /// <param name="percentile">Share of the activations that stay below the threshold, in (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">Steps or percentile are out of their range.</exception>
    public static ImageNetwork Convert(ImageNetwork ann, ImageSet images, int steps, double percentile = UsualPercentile)
    {
        ArgumentNullException.ThrowIfNull(ann);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!(percentile is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(percentile), percentile, "The percentile must be in (0, 1].");
        float[] lambda = Thresholds(ann, images, percentile);
        ImageNetwork spiking = new(
            ann.Config with { TimeSteps = steps, Reset = MembraneReset.Soft, DividesBias = false, MembraneDropout = 0f, PoolsSums = true, IsSpiking = true }, ParameterStore.CopyOf(ann.Store));
        foreach (ConvNorm conv in spiking.Convolutions.Where(conv => conv.Source is not null))
            Scale(conv.Conv.Weight, lambda[conv.Source!.Index]);
        Scale(spiking.Classifier.Weight, lambda[^1]);
        foreach (SpikingSite site in spiking.Sites)
            site.Threshold.Values.Fill(site.MeanOf is { } mean ? lambda[site.Index] / lambda[mean.Index] : lambda[site.Index]);
        return spiking;
    }

    private static void Scale(Parameter weight, float factor)
    {
        foreach (ref float value in weight.Values)
            value *= factor;
    }

    /// <summary>λ of each layer; 1 of one that is never on.</summary>
    private static float[] Thresholds(ImageNetwork ann, ImageSet images, double percentile)
    {
        WatchedAnn pass = new(ann.Sites.Count);
        ImageNormalization normalization = ImageNormalizations.Of(ann.Config);
        Workspace workspace = new();
        ImageBatches batches = new(images, Math.Min(ImagesTogether, images.Count), OrderSeed, normalization: normalization);   // files may be sorted by class
        for (int batch = 0; batch < batches.BatchesPerEpoch && pass.WantsMore; batch++)
        {
            using Workspace.Scope scope = workspace.Open();
            ann.Run(batches.Next().Images, pass);
        }

        return [.. pass.Seen.Select(values => Percentile(values, percentile))];
    }

    private static float Percentile(List<float> values, double percentile)
    {
        values.Sort();
        float value = values[(int)Math.Clamp(Math.Ceiling(percentile * values.Count) - 1, 0, values.Count - 1)];
        return value > 0f ? value : values[^1] > 0f ? values[^1] : 1f;
    }

    private sealed class WatchedAnn(int sites) : AnnPass
    {
        public List<float>[] Seen { get; } = [.. Enumerable.Range(0, sites).Select(_ => new List<float>())];

        public bool WantsMore => Seen.Any(values => values.Count < MostValues);

        public override Tensor Fire(SpikingSite site, Tensor current)
        {
            Tensor fired = base.Fire(site, current);
            List<float> seen = Seen[site.Index];
            if (seen.Count < MostValues)
                seen.AddRange(fired.Values[..Math.Min(fired.Count, MostValues - seen.Count)]);
            return fired;
        }
    }
}
