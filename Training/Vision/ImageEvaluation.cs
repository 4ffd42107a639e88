using SpikeEngine.Model.Vision;

namespace SpikeEngine.Training.Vision;

/// <summary>Measures networks on labelled images, as they are: no crop, no flip.</summary>
public static class ImageEvaluation
{
    private const int ImagesTogether = 64;

    /// <summary>The plain ANN.</summary>
    /// <param name="network">The network.</param>
    /// <param name="set">The images.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public static ImageScore OfAnn(ImageNetwork network, ImageSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Measure(network.Config, set, network.Forward, cancellation);
    }

    /// <summary>The ANN branch, which gets the counts of the spiking branch.</summary>
    /// <param name="network">The network.</param>
    /// <param name="set">The images.</param>
    /// <param name="unit">How counts are put into the place of activations.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public static ImageScore OfMapped(ImageNetwork network, ImageSet set, MappingUnit unit, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Measure(network.Config, set, images => network.ForwardMapped(images, network.CountSpikes(images), unit, out _), cancellation);
    }

    /// <summary>The spiking branch, by additions alone, with its spikes and its energy.</summary>
    /// <param name="network">The network.</param>
    /// <param name="set">The images.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public static ImageScore OfSpikes(ImageNetwork network, ImageSet set, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(set);
        SpikingImageClassifier classifier = new(network);
        long[] spikes = new long[network.Sites.Count], accumulates = new long[network.Convolutions.Count];
        ImageScore score = Measure(network.Config, set, images =>
        {
            SpikingImageResult result = classifier.Classify(images);
            Add(result.Spikes, spikes);
            Add(result.Accumulates, accumulates);
            return result.Logits;
        }, cancellation);
        return score with
        {
            Rates = SpikeRates.Of(spikes, [.. network.Sites.Select(site => (long)site.Neurons)], set.Count, network.Config.TimeSteps),
            Energy = ImageEnergyReport.Of(network, spikes, accumulates, set.Count),
        };
    }

    /// <summary>Rows whose largest logit is that of the label.</summary>
    /// <param name="logits">[N, classes]</param>
    /// <param name="labels">[N]</param>
    public static int Right(Tensor logits, ReadOnlySpan<int> labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        int right = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            if (System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits.Values.Slice(row * logits.Columns, logits.Columns)) == labels[row])
                right++;
        }

        return right;
    }

    private static ImageScore Measure(ImageNetworkConfig config, ImageSet set, Func<Tensor, Tensor> run, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(set);
        ImageNormalization normalization = ImageNormalizations.Of(config);
        Workspace workspace = new();
        int right = 0;
        double loss = 0;
        for (int first = 0; first < set.Count; first += ImagesTogether)
        {
            cancellation.ThrowIfCancellationRequested();
            using Workspace.Scope scope = workspace.Open();
            ImageBatch batch = ImageBatches.Of(set, first, Math.Min(ImagesTogether, set.Count - first), normalization);
            Tensor logits = run(batch.Images);
            right += Right(logits, batch.Labels.Span);
            loss += batch.Count * (double)Ops.CrossEntropy(logits, batch.Labels).Item();
        }

        return new ImageScore(set.Count, right, loss / set.Count);
    }

    private static void Add(IReadOnlyList<long> numbers, long[] sums)
    {
        for (int i = 0; i < sums.Length; i++)
            sums[i] += numbers[i];
    }
}
