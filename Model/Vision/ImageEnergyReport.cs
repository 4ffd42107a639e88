using SpikeEngine.Model.Energy;

namespace SpikeEngine.Model.Vision;

/// <summary>One layer of a network: what it takes for an image, as an ANN and with spikes.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Figures">Operations and energy.</param>
public sealed record ImageEnergyRow(string Name, EnergyFigures Figures);

/// <summary>
/// Energy of an image, layer by layer, as the field counts: a multiply-accumulate of the ANN against an addition for each spike and weight that it meets, of
/// all steps together. The first convolution sees the image, and so multiplies, once: what it gives is the same in each step. Pooling, norms
/// (folded in), residual additions and neurons are not counted, as in the literature; the classifier counts as if it added for each spike, though here it multiplies counts once.
/// </summary>
/// <param name="Rows">Of each convolution, then of the classifier.</param>
/// <param name="Total">Of all.</param>
public sealed record ImageEnergyReport(IReadOnlyList<ImageEnergyRow> Rows, EnergyFigures Total)
{
    /// <summary>Of a network that runs as an ANN: all of it multiplies.</summary>
    /// <param name="network">The network.</param>
    public static ImageEnergyReport OfAnn(ImageNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Of(network, new long[network.Sites.Count], new long[network.Convolutions.Count], images: 1);
    }

    /// <summary>Of what a classifier has counted.</summary>
    /// <param name="network">The network.</param>
    /// <param name="spikes">Of each layer of neurons.</param>
    /// <param name="accumulates">Of each convolution.</param>
    /// <param name="images">How many images that was.</param>
    /// <param name="constants">Energy of an operation; the usual ones when null.</param>
    public static ImageEnergyReport Of(
        ImageNetwork network, IReadOnlyList<long> spikes, IReadOnlyList<long> accumulates, long images, EnergyConstants? constants = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(spikes);
        ArgumentNullException.ThrowIfNull(accumulates);
        constants ??= new EnergyConstants();
        List<ImageEnergyRow> rows = [];
        foreach (ConvNorm conv in network.Convolutions)
        {
            double macs = (double)conv.Conv.Weight.Count * conv.Places;
            rows.Add(new ImageEnergyRow(conv.Path, Figures(macs, conv.Source is null ? macs : 0, (double)accumulates[conv.Index] / images)));
        }

        rows.Add(new ImageEnergyRow(
            network.Classifier.Path, Figures(network.Classifier.Weight.Count, 0, (double)spikes[^1] / images * network.Config.Classes)));
        return new ImageEnergyReport(rows, Figures(rows.Sum(r => r.Figures.DenseMacs), rows.Sum(r => r.Figures.SpikingMacs), rows.Sum(r => r.Figures.UnrolledAccumulates)));

        EnergyFigures Figures(double dense, double remaining, double added) =>
            new(new EnergyCounts { DenseMacs = dense, SpikingMacs = remaining, UnrolledAccumulates = added, LevelAccumulates = added }, constants);
    }
}
