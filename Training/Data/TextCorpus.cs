using System.Text;

namespace SpikeEngine.Training.Data;

/// <summary>Lines of text, none twice, parted into those to learn from and those to be measured on.</summary>
/// <remarks>A line's own bytes decide its side, so a line stays where it is when others are added or removed.</remarks>
public sealed class TextCorpus
{
    /// <summary>The usual share of the validation side.</summary>
    public const double DefaultValidationShare = 0.02;

    private TextCorpus(string source, IEnumerable<string> lines, double validationShare)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validationShare, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(validationShare, 1);

        string[] distinct = [.. lines.Distinct(StringComparer.Ordinal)];
        if (distinct.Length < 2)
        {
            throw new InvalidDataException(
                $"The text of {source} has {distinct.Length} distinct line(s); two are needed, one to learn and one to validate.");
        }

        Source = source;
        var places = Array.ConvertAll(distinct, Place);

        // In a handful of lines none, or all, may fall below the share: the bounds keep one line on each side.
        double border = Math.Max(validationShare, places.Min());
        bool[] validates = Array.ConvertAll(places, p => p <= border && p < places.Max());
        Train = [.. distinct.Where((_, i) => !validates[i])];
        Validation = [.. distinct.Where((_, i) => validates[i])];
        TrainBytes = Train.Sum(l => (long)Encoding.UTF8.GetByteCount(l));
        ValidationBytes = Validation.Sum(l => (long)Encoding.UTF8.GetByteCount(l));
    }

    /// <summary>Where the text came from, for reports.</summary>
    public string Source { get; }

    /// <summary>The lines to learn from, in the order of the source; never empty.</summary>
    public IReadOnlyList<string> Train { get; }

    /// <summary>The lines to be measured on, in the order of the source; never empty.</summary>
    public IReadOnlyList<string> Validation { get; }

    /// <summary>UTF-8 bytes of <see cref="Train"/>, without line ends.</summary>
    public long TrainBytes { get; }

    /// <summary>UTF-8 bytes of <see cref="Validation"/>, without line ends.</summary>
    public long ValidationBytes { get; }

    /// <summary>The API documentation of the installed .NET SDK.</summary>
    /// <param name="validationShare">The share of the lines to hold out, between 0 and 1.</param>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <exception cref="FileNotFoundException">No SDK with documentation was found.</exception>
    public static TextCorpus FromSdkDocumentation(
        double validationShare = DefaultValidationShare, CancellationToken cancellation = default) =>
        new(".NET SDK documentation", SdkDocumentation.ReadLines(cancellation), validationShare);

    /// <summary>Text files in UTF-8: each line that is not blank, with its white space folded.</summary>
    /// <param name="paths">The files, in order.</param>
    /// <param name="validationShare">The share of the lines to hold out, between 0 and 1.</param>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is empty or not UTF-8, or all of them have fewer than two distinct lines.</exception>
    public static TextCorpus FromFiles(
        IReadOnlyList<string> paths, double validationShare = DefaultValidationShare, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0)
            throw new ArgumentException("No text file was given.", nameof(paths));
        return new TextCorpus(string.Join(", ", paths), paths.SelectMany(path => TextFile.ReadLines(path, cancellation)), validationShare);
    }

    /// <summary>A number in [0, 1) that looks random but depends on the bytes of the line alone.</summary>
    private static double Place(string line) => (StableHash.Of(Encoding.UTF8.GetBytes(line)) >> 11) / (double)(1UL << 53);
}
