using SpikeEngine.Training.Runs;

namespace SpikeEngine.Training.Vision;

/// <summary>
/// Complete configurations for images, from which a file or flags change what is to be different. Only the data have to be named. Those that begin with
/// <c>snn2ann-</c> have the published sizes (section 3.5), rates and augmentation; they take days on a CPU.
/// </summary>
public static class ImageRunPresets
{
    private const string Digits = "digits";
    private const string Mnist = "mnist";
    private const string Cifar = "cifar10";
    private const string PublishedVgg = "snn2ann-vgg13";
    private const string PublishedResNet = "snn2ann-resnet17";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Digits, Mnist, Cifar, PublishedVgg, PublishedResNet];

    /// <summary>One of them.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ImageRunConfig Of(string name) => name switch
    {
        Digits => Small(name, "vgg-tiny", epochs: 10),
        Mnist => Small(name, "vgg-small", epochs: 12) with { Data = new ImageDataSettings { Crop = 2 } },
        Cifar => Small(name, "vgg-small", epochs: 30) with { Data = Augmented },
        PublishedVgg => Published(name, "vgg13"),
        PublishedResNet => Published(name, "resnet17"),
        _ => throw new ArgumentException($"No preset for images is called \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name)),
    };

    private static ImageDataSettings Augmented { get; } = new() { Crop = 4, Flip = true, Normalization = ImageDataSettings.CifarNormalization };

    private static ImageRunConfig Small(string name, string shape, double epochs) => new()
    {
        Kind = RunKind.Train,
        Preset = name,
        Network = new NetworkSettings { Shape = shape },
        Optimizer = new OptimizerSettings { LearningRate = 2e-3, Betas = (0.9, 0.999), WeightDecay = 5e-4 },
        Training = new TrainingSettings { Steps = null, Epochs = epochs, ClipNorm = 5, EvaluateEvery = 200, CheckpointEvery = 200 },
    };

    /// <summary>Adam, 200 epochs, batches of 512; the rate falls as a cosine here, and in steps there.</summary>
    private static ImageRunConfig Published(string name, string shape) => Small(name, shape, epochs: 200) with
    {
        Data = Augmented with { BatchSize = 512 },
        Optimizer = new OptimizerSettings { LearningRate = 1e-3, Betas = (0.9, 0.999), WeightDecay = 5e-4 },
    };
}
