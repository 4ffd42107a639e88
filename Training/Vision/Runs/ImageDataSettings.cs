using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Vision;

/// <summary>The section <c>data</c> of a network for images: what it sees, and how that varies.</summary>
public sealed record ImageDataSettings
{
    /// <summary>Pixels from 0 to 1.</summary>
    public const string NoNormalization = "none";

    /// <summary>The published code's for CIFAR.</summary>
    public const string CifarNormalization = "cifar";

    /// <summary>Files to learn from, as <see cref="ImageSources.Read"/> takes them.</summary>
    public IReadOnlyList<string> Train { get; init; } = [];

    /// <summary>Files to be measured on; without any, a share of <see cref="Train"/> is held out.</summary>
    public IReadOnlyList<string> Validation { get; init; } = [];

    /// <summary>Share of the images to hold out; null when <see cref="Validation"/> is given.</summary>
    public double? ValidationShare { get; init; } = 0.1;

    /// <summary>Images in a batch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Pixels by which an image is moved at most.</summary>
    public int Crop { get; init; }

    /// <summary>Whether half of the images are mirrored.</summary>
    public bool Flip { get; init; }

    /// <summary><see cref="NoNormalization"/> or <see cref="CifarNormalization"/>.</summary>
    public string Normalization { get; init; } = NoNormalization;

    /// <summary>The normalization it names.</summary>
    public ImageNormalization Normalizes => Normalization == CifarNormalization ? ImageNormalization.Cifar : ImageNormalization.None;

    internal static ImageDataSettings Pass(ISettings s, ImageDataSettings d)
    {
        bool given = s.OnlyOne("validation", "validation_share");
        return new ImageDataSettings
        {
            Train = s.Texts("train", d.Train),
            Validation = s.Texts("validation", given ? [] : d.Validation),
            ValidationShare = s.NumberOrNone("validation_share", given ? null : d.ValidationShare, Allowed.Between0And1),
            BatchSize = s.Whole("batch_size", d.BatchSize, 2),
            Crop = s.Whole("crop", d.Crop, 0),
            Flip = s.Switch("flip", d.Flip),
            Normalization = s.Choice("normalization", d.Normalization, NoNormalization, CifarNormalization),
        };
    }
}
