using System.Buffers.Binary;

namespace SpikeEngine.Training.Vision;

/// <summary>
/// Reads labelled images from the files in which they are published, packed with gzip or not: MNIST and Fashion-MNIST (IDX, with the labels
/// in a file beside), CIFAR-10 and CIFAR-100 (binary version), optdigits (text). What is wrong in a file is never passed over.
/// </summary>
public static class ImageFiles
{
    /// <summary>The images of one file.</summary>
    /// <param name="path">
    /// The file. IDX is recognised by its first bytes, text by the endings <c>.tra</c>, <c>.tes</c> and <c>.csv</c>, CIFAR by its length.
    /// For MNIST it is the file with the images; that with the labels has <c>labels</c> and <c>idx1</c> in its name where this one has
    /// <c>images</c> and <c>idx3</c>.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file, or none with the labels.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of no known kind; the message says where.</exception>
    public static ImageSet Read(string path)
    {
        ImageFileContent file = ImageFileContent.Read(path);
        string name = file.Name;
        bool isCifar = HasEnding(name, ".bin") && !IdxImages.IsNamed(name);

        // A first CIFAR-10 record with the label 0 may have red bytes that look like the magic of IDX; its name does not.
        uint magic = file.Bytes.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32BigEndian(file.Bytes.Span);
        if (!isCifar && (magic is IdxImages.ImagesMagic or IdxImages.LabelsMagic || IdxImages.IsNamed(name)))
            return IdxImages.Read(file);
        if (HasEnding(name, ".tra") || HasEnding(name, ".tes") || HasEnding(name, ".csv"))
            return DigitLines.Read(file);
        if (isCifar || CifarRecords.Fits(file.Bytes.Length))
            return CifarRecords.Read(file);
        throw new InvalidDataException(
            $"'{path}' is no file of images that is known: neither IDX (MNIST, starts with 0x{IdxImages.ImagesMagic:X8}), nor CIFAR in binary "
            + "(named .bin, or of whole records), nor lines of numbers (optdigits, named .tra, .tes or .csv).");
    }

    /// <summary>The images of several files, one file after the other, such as the five of CIFAR-10.</summary>
    /// <param name="paths">The files, of the same kind.</param>
    /// <exception cref="ArgumentException">There is no file.</exception>
    /// <exception cref="FileNotFoundException">There is no such file, or none with the labels.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or of another kind than the first, or all are too much for one set.</exception>
    public static ImageSet Read(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0)
            throw new ArgumentException("No file of images was given.", nameof(paths));
        ImageSet[] sets = [.. paths.Select(Read)];
        if (sets.Length == 1)
            return sets[0];
        for (int i = 1; i < sets.Length; i++)
            RequireSameKind(paths[0], sets[0], paths[i], sets[i]);
        if (sets.Sum(set => (long)set.Pixels.Length) > Array.MaxLength)
            throw new InvalidDataException($"'{paths[0]}' and the other files have more images than fit in one set.");
        return Joined(sets);
    }

    private static bool HasEnding(string name, string ending) => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static void RequireSameKind(string firstPath, ImageSet first, string path, ImageSet set)
    {
        if (Kind(first) != Kind(set))
            throw new InvalidDataException($"'{path}' has {Kind(set)}, '{firstPath}' has {Kind(first)}: they cannot be one set.");

        static string Kind(ImageSet set) => FormattableString.Invariant(
            $"images of [{set.Channels}, {set.Height}, {set.Width}] in {set.Classes} classes with values to {set.FullScale}");
    }

    private static ImageSet Joined(ImageSet[] sets)
    {
        ImageSet first = sets[0];
        byte[] pixels = new byte[sets.Sum(set => set.Pixels.Length)], labels = new byte[sets.Sum(set => set.Count)];
        int count = 0;
        foreach (ImageSet set in sets)
        {
            set.Pixels.CopyTo(pixels.AsMemory(count * first.ImageBytes));
            set.Labels.CopyTo(labels.AsMemory(count));
            count += set.Count;
        }

        return new ImageSet(pixels, labels, first.Channels, first.Height, first.Width, first.Classes, first.FullScale, first.ClassNames);
    }
}
