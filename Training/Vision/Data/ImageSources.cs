namespace SpikeEngine.Training.Vision;

/// <summary>Images by what a setting or an option says: files, or shapes that are drawn here.</summary>
public static class ImageSources
{
    /// <summary>In the place of a file: shapes that are drawn here, see <see cref="GeneratedShapes"/>.</summary>
    public const string Shapes = "shapes";

    private const int DrawnImages = 4000;

    /// <summary>Reads or draws them.</summary>
    /// <param name="sources">Files, as <see cref="ImageFiles.Read(IReadOnlyList{string})"/> takes them, or <see cref="Shapes"/> alone.</param>
    /// <param name="seed">Of drawn shapes.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or no file of images.</exception>
    public static ImageSet Read(IReadOnlyList<string> sources, ulong seed) =>
        sources is [Shapes] ? GeneratedShapes.Create(DrawnImages, seed) : ImageFiles.Read(sources);
}
