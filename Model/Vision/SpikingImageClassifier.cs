namespace SpikeEngine.Model.Vision;

/// <summary>What images have taken, and what they are.</summary>
/// <param name="Logits">[N, classes]</param>
/// <param name="Spikes">Of each layer of neurons, in all steps.</param>
/// <param name="Accumulates">Additions of weights in each convolution; the first one multiplies the image instead.</param>
public sealed record SpikingImageResult(Tensor Logits, IReadOnlyList<long> Spikes, IReadOnlyList<long> Accumulates);

/// <summary>
/// The spiking branch of a network, which is all that is needed when training is over: accumulate-only in all convolutions but the first, which gets the image. The
/// classifier gets the counts once.
/// </summary>
public sealed class SpikingImageClassifier
{
    private readonly ImageNetwork _network;
    private readonly PreparedConvolution[] _convolutions;

    /// <summary>Prepares a network: its convolutions are copied, thresholds and the last layer are the network's own. Make a new one after training.</summary>
    /// <param name="network">The network.</param>
    public SpikingImageClassifier(ImageNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        _convolutions = network.PreparedToKeep();
    }

    /// <summary>Sizes and switches.</summary>
    public ImageNetworkConfig Config => _network.Config;

    /// <summary>Runs images.</summary>
    /// <param name="images">[N, C, H, W]</param>
    /// <param name="keep">Filled with the numbers of spikes [N, C, H, W] of each layer of neurons, when given.</param>
    /// <exception cref="ArgumentException">The images have other sizes.</exception>
    public SpikingImageResult Classify(Tensor images, IList<Tensor>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        int n = images.Shape[0], sites = _network.Sites.Count;
        long[] spikes = new long[sites], accumulates = new long[_convolutions.Length];
        Tensor logits = new(n, Config.Classes);
        Tensor[] counts = keep is null ? [] : [.. _network.Sites.Select(site => site.NewCounts(n))];
        for (int first = 0; first < n; first += ImageNetwork.ImagesTogether)
        {
            int some = Math.Min(ImageNetwork.ImagesTogether, n - first);
            using var region = Workspace.OpenRegion();
            SpikingPass pass = new(Config, _convolutions, some, first, sites, keys: []);
            Tensor last = _network.Run(images.SliceRows(first, some), pass);
            _network.SpikingLogits(last).Values.CopyTo(logits.Values[(first * Config.Classes)..]);
            for (int site = 0; site < sites; site++)
            {
                spikes[site] += SpikeRates.Total(pass.Counts[site]);
                if (keep is not null)
                    pass.Counts[site].Values.CopyTo(counts[site].Values[(first * _network.Sites[site].Neurons)..]);
            }

            for (int conv = 0; conv < accumulates.Length; conv++)
                accumulates[conv] += pass.Accumulates[conv];
        }

        foreach (Tensor tensor in counts)
            keep!.Add(tensor);
        return new SpikingImageResult(logits, spikes, accumulates);
    }
}
