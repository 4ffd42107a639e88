using System.Globalization;
using SpikeEngine.Model.Vision;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Vision;

/// <summary>Trains a network on images.</summary>
public static class ImageTrainRun
{
    /// <summary>Runs to the end, or until it is stopped, which leaves a checkpoint to continue from.</summary>
    /// <param name="config">What to do.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="existing">What to do when there is a run in it.</param>
    /// <param name="observer">Told of everything.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="IOException">The folder is not to be used, or a file cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">The images or the network cannot be used.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradient was not finite several times in a row.</exception>
    public static RunResult Run(ImageRunConfig config, string folder, ExistingRun existing, IRunObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(observer);
        var loop = RunLoop.Begin(config, folder, existing, observer, cancellation);
        (ImageSet train, ImageSet validation) = observer.Run("images", _ => Sets(config), sets => string.Create(
            CultureInfo.InvariantCulture,
            $"{sets.Train.Count:N0} to learn from, {sets.Validation.Count:N0} held out, [{sets.Train.Channels}, {sets.Train.Height}, {sets.Train.Width}], {sets.Train.Classes} classes"));
        ImageNetwork network = Network(config, train);
        ImageBatches batches = Batches(config, train);
        ImageObjective objective = new(network, batches, config.Method.Name, config.Method.Unit, config.Method.Surrogate);
        return loop.Run(new RunParts(TrainedModel.Of(network), objective, (double)train.Count / batches.ImagesPerBatch, (metrics, stop) => Measure(config, network, validation, metrics, stop)));
    }

    /// <summary>Images to learn from and to be measured on.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, or the two do not fit each other.</exception>
    internal static (ImageSet Train, ImageSet Validation) Sets(ImageRunConfig config)
    {
        ImageSet train = ImageSources.ToLearnFrom(config.Data.Train);
        if (config.Data.Validation.Count == 0)
            return ImageSources.Split(train, config.Data.ValidationShare ?? 0.1);
        ImageSet validation = ImageSources.ToMeasureOn(config.Data.Validation);
        return (validation.Channels, validation.Height, validation.Width, validation.Classes) == (train.Channels, train.Height, train.Width, train.Classes)
            ? (train, validation)
            : throw new InvalidDataException(
                $"'data.validation' has images [{validation.Channels}, {validation.Height}, {validation.Width}] of {validation.Classes} classes, 'data.train' [{train.Channels}, {train.Height}, {train.Width}] of {train.Classes}.");
    }

    /// <summary>The images to be measured on alone.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    internal static ImageSet HeldOut(ImageRunConfig config) => config.Data.Validation.Count > 0 ? ImageSources.ToMeasureOn(config.Data.Validation) : Sets(config).Validation;

    /// <summary>The network as it is before the first step.</summary>
    internal static ImageNetwork Network(ImageRunConfig config, ImageSet train)
    {
        ulong seed = config.Seeds.Model ?? config.Seed;
        if (config.Data.Normalizes is var normalization && normalization.Mean.Count > 1 && normalization.Mean.Count != train.Channels)
            throw new InvalidDataException($"'data.normalization' is \"{config.Data.Normalization}\", for {normalization.Mean.Count} channels; the images have {train.Channels}. Set it to \"{ImageDataSettings.NoNormalization}\".");
        try
        {
            return new ImageNetwork(config.Network.ToConfig(train, config.Data.Normalizes, config.Method.Name), ParameterStore.Random(seed), seed);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"'network': {error.Message}", error);
        }
    }

    /// <summary>What it sees.</summary>
    internal static ImageBatches Batches(ImageRunConfig config, ImageSet train)
    {
        if (config.Data.BatchSize > train.Count)
            throw new InvalidDataException($"'data.batch_size' is {config.Data.BatchSize}; there are {train.Count} images to learn from.");
        try
        {
            return new ImageBatches(
                train, config.Data.BatchSize, config.Seeds.Data ?? config.Seed, new ImageAugmentation { Crop = config.Data.Crop, Flip = config.Data.Flip }, config.Data.Normalizes);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"'data': {error.Message}", error);
        }
    }

    private static void Measure(ImageRunConfig config, ImageNetwork network, ImageSet validation, Metrics metrics, CancellationToken cancellation)
    {
        bool spikes = config.Method.Name != ImageMethod.Ann;
        ImageScore score = spikes ? ImageEvaluation.OfSpikes(network, validation, cancellation) : ImageEvaluation.OfAnn(network, validation, cancellation);
        metrics.Add("loss", score.Loss);
        metrics.Add("accuracy", score.Accuracy);
        if (config.Method.Name == ImageMethod.Snn2Ann)
            metrics.Add("ann_accuracy", ImageEvaluation.OfMapped(network, validation, config.Method.Unit, cancellation).Accuracy);
        if (score.Rates is { } rates)
            metrics.Add(MetricNames.SpikeRate, rates.Mean);
    }
}
