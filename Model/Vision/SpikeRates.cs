namespace SpikeEngine.Model.Vision;

/// <summary>Spikes of each neuron and step, by layer of neurons.</summary>
/// <param name="Sites">Of each layer, in the order of the forward pass.</param>
/// <param name="Mean">Of all neurons.</param>
/// <param name="PerImage">Spikes of all neurons in all steps for one image.</param>
public sealed record SpikeRates(IReadOnlyList<double> Sites, double Mean, double PerImage)
{
    /// <summary>Those of one batch.</summary>
    /// <param name="counts">[N, C, H, W] of each layer.</param>
    /// <param name="steps">T</param>
    public static SpikeRates Of(IReadOnlyList<Tensor> counts, int steps)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return Of([.. counts.Select(Total)], [.. counts.Select(c => (long)c.Count / c.Shape[0])], counts[0].Shape[0], steps);
    }

    /// <summary>Those of spikes that were counted.</summary>
    /// <param name="spikes">Of each layer, of all images.</param>
    /// <param name="neurons">Of each layer.</param>
    /// <param name="images">How many.</param>
    /// <param name="steps">T</param>
    public static SpikeRates Of(IReadOnlyList<long> spikes, IReadOnlyList<long> neurons, long images, int steps)
    {
        ArgumentNullException.ThrowIfNull(spikes);
        ArgumentNullException.ThrowIfNull(neurons);
        double[] sites = [.. spikes.Select((s, i) => (double)s / (neurons[i] * images * steps))];
        return new SpikeRates(sites, (double)spikes.Sum() / (neurons.Sum() * images * steps), (double)spikes.Sum() / images);
    }

    /// <summary>All spikes of a layer, exactly.</summary>
    /// <param name="counts">[N, C, H, W], whole numbers.</param>
    public static long Total(Tensor counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        long total = 0;
        foreach (float ofImage in Ops.Sum(counts.Reshape(counts.Shape[0], counts.Count / counts.Shape[0]), axis: 1).Values)   // exact: below 2^24
            total += (long)ofImage;
        return total;
    }
}
