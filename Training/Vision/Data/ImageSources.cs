namespace SpikeEngine.Training.Vision;

/// <summary>Images by what a setting or an option says: files, or shapes that are drawn here. The same ones whatever the seed of a run.</summary>
public static class ImageSources
{
    /// <summary>In the place of a file: shapes that are drawn here, see <see cref="GeneratedShapes"/>.</summary>
    public const string Shapes = "shapes";

    private const int DrawnImages = 4000;
    private const ulong SplitSeed = 1;

    /// <summary>Images to learn from.</summary>
    /// <param name="sources">Files, as <see cref="ImageFiles.Read(IReadOnlyList{string})"/> takes them, or <see cref="Shapes"/> alone.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or no file of images.</exception>
    public static ImageSet ToLearnFrom(IReadOnlyList<string> sources) => Read(sources, drawnWith: 1);

    /// <summary>Images to be measured on; drawn ones are others than those to learn from.</summary>
    /// <inheritdoc cref="ToLearnFrom"/>
    public static ImageSet ToMeasureOn(IReadOnlyList<string> sources) => Read(sources, drawnWith: 2);

    /// <summary>Holds some of the images out, always the same.</summary>
    /// <exception cref="InvalidDataException">There is only one.</exception>
    public static (ImageSet Train, ImageSet HeldOut) Split(ImageSet images, double share)
    {
        ArgumentNullException.ThrowIfNull(images);
        return images.Count > 1 ? images.Split(share, SplitSeed) : throw new InvalidDataException("There is one image only, of which none can be held out; name others with data.validation.");
    }

    private static ImageSet Read(IReadOnlyList<string> sources, ulong drawnWith) =>
        sources is [Shapes] ? GeneratedShapes.Create(DrawnImages, drawnWith) : ImageFiles.Read(sources);
}
