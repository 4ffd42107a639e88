using System.Buffers.Binary;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Vision;

/// <summary>
/// MNIST's IDX files, numbers in big-endian order. Images: magic, count, height, width, then [count, H, W] bytes. Labels: magic, count, then
/// [count] bytes. Fashion-MNIST and others have the same; all have ten classes.
/// </summary>
internal static class IdxImages
{
    public const uint ImagesMagic = 0x0000_0803;   // bytes (08) in three dimensions
    public const uint LabelsMagic = 0x0000_0801;

    private const int Classes = 10;
    private const int ImagesHeader = 4 * sizeof(uint);
    private const int LabelsHeader = 2 * sizeof(uint);

    /// <summary>Whether a name says that a file is IDX.</summary>
    public static bool IsNamed(string name) =>
        name.Contains("idx3", StringComparison.Ordinal) || name.Contains("idx1", StringComparison.Ordinal);

    /// <exception cref="FileNotFoundException">The file with the labels is missing.</exception>
    /// <exception cref="InvalidDataException">One of the two files is damaged, or they do not belong together.</exception>
    public static ImageSet Read(ImageFileContent images)
    {
        uint[] sizes = Header(images, ImagesMagic, "images", ImagesHeader);
        (uint count, uint height, uint width) = (sizes[1], sizes[2], sizes[3]);
        if (count == 0 || height == 0 || width == 0)
            throw new InvalidDataException($"'{images.Path}': the header says {count} images of {height} x {width}.");
        RequireLength(images, ImagesHeader, count, (UInt128)height * width, $"images of {height} x {width}");

        ImageFileContent labels = ImageFileContent.Read(LabelsPath(images.Path));
        uint labelCount = Header(labels, LabelsMagic, "labels", LabelsHeader)[1];
        RequireLength(labels, LabelsHeader, labelCount, 1, "labels");
        if (labelCount != count)
            throw new InvalidDataException($"'{labels.Path}' has {labelCount} labels, '{images.Path}' has {count} images.");
        ReadOnlyMemory<byte> values = labels.Bytes[LabelsHeader..];
        if (values.Span.IndexOfAnyExceptInRange((byte)0, (byte)(Classes - 1)) is var wrong and >= 0)
        {
            throw new InvalidDataException(
                $"'{labels.Path}', byte {LabelsHeader + wrong}: the label of image {wrong} is {values.Span[wrong]}; there are {Classes} classes.");
        }

        return new ImageSet(images.Bytes[ImagesHeader..], values, channels: 1, (int)height, (int)width, Classes);
    }

    private static uint[] Header(ImageFileContent file, uint magic, string what, int length)
    {
        ReadOnlySpan<byte> bytes = file.Bytes.Span;
        if (bytes.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(bytes) != magic)
        {
            string found = Convert.ToHexString(bytes[..Math.Min(bytes.Length, sizeof(uint))]);
            throw new InvalidDataException($"'{file.Path}' starts with 0x{found}; a file of {what} in IDX starts with 0x{magic:X8}.");
        }

        if (bytes.Length < length)
            throw new InvalidDataException($"'{file.Path}' is cut short: it has {bytes.Length} bytes, its header alone has {length}.");
        uint[] numbers = new uint[length / sizeof(uint)];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes[(i * sizeof(uint))..]);
        return numbers;
    }

    private static void RequireLength(ImageFileContent file, int header, uint count, UInt128 bytesEach, string what)
    {
        // Three numbers of 32 bits multiply to less than 2^96.
        UInt128 wanted = (UInt128)header + count * bytesEach;
        if (wanted == (UInt128)file.Bytes.Length)
            return;
        string offence = wanted > (UInt128)file.Bytes.Length
            ? $"it is cut short at byte {file.Bytes.Length}, in item {(UInt128)(file.Bytes.Length - header) / bytesEach}"
            : $"something follows at byte {wanted}";
        throw new InvalidDataException($"'{file.Path}': the header says {count} {what}, {wanted} bytes in all; {offence}.");
    }

    /// <summary>Where the labels are; packed or not need not be the same for both files.</summary>
    private static string LabelsPath(string imagesPath)
    {
        string name = Path.GetFileName(imagesPath);
        if (!name.Contains("images", StringComparison.Ordinal) || !name.Contains("idx3", StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"'{imagesPath}' is IDX, and its labels are in another file, which is found by replacing \"images\" and \"idx3\" in the name by "
                + "\"labels\" and \"idx1\"; this name has not both.");
        }

        name = name.Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal);
        string path = Path.Combine(Path.GetDirectoryName(imagesPath) ?? "", name);
        string other = path.EndsWith(SourceFile.GzipExtension, StringComparison.OrdinalIgnoreCase)
            ? path[..^SourceFile.GzipExtension.Length]
            : path + SourceFile.GzipExtension;
        if (File.Exists(path))
            return path;
        return File.Exists(other)
            ? other
            : throw new FileNotFoundException($"The labels of '{imagesPath}' are missing: neither '{path}' nor '{other}' exists.", path);
    }
}
