namespace SpikeEngine.Training.Vision;

/// <summary>
/// The binary versions of CIFAR: records of a label, one byte in CIFAR-10, and in CIFAR-100 the coarse one and the fine one, then 3,072
/// bytes, [3, 32, 32]. There is no header; which one it is follows from the length.
/// </summary>
internal static class CifarRecords
{
    private const int Channels = 3;
    private const int Side = 32;
    private const int ImageBytes = Channels * Side * Side;

    private static readonly string[] s_names =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    private static readonly Kind s_cifar10 = new("CIFAR-10", [10], s_names);
    private static readonly Kind s_cifar100 = new("CIFAR-100", [20, 100], null);   // coarse, then fine

    /// <summary>Whether a length is that of whole records.</summary>
    public static bool Fits(int length) => length > 0 && (length % s_cifar10.RecordBytes == 0 || length % s_cifar100.RecordBytes == 0);

    /// <exception cref="InvalidDataException">A record is cut short, or a label is out of its range.</exception>
    public static ImageSet Read(ImageFileContent file)
    {
        Kind kind = KindOf(file);
        ReadOnlySpan<byte> bytes = file.Bytes.Span;
        int count = bytes.Length / kind.RecordBytes;
        byte[] pixels = new byte[count * ImageBytes], labels = new byte[count];
        for (int record = 0; record < count; record++)
        {
            int at = record * kind.RecordBytes;
            for (int i = 0; i < kind.Labels.Length; i++)
            {
                if (bytes[at + i] >= kind.Labels[i])
                {
                    throw new InvalidDataException(
                        $"'{file.Path}', record {record}, byte {at + i}: the label is {bytes[at + i]}; {kind.Name} has {kind.Labels[i]} there.");
                }
            }

            labels[record] = bytes[at + kind.Labels.Length - 1];
            bytes.Slice(at + kind.Labels.Length, ImageBytes).CopyTo(pixels.AsSpan(record * ImageBytes));
        }

        return new ImageSet(pixels, labels, Channels, Side, Side, kind.Labels[^1], classNames: kind.Names);
    }

    private static Kind KindOf(ImageFileContent file)
    {
        int length = file.Bytes.Length;
        (bool is10, bool is100) = (length % s_cifar10.RecordBytes == 0, length % s_cifar100.RecordBytes == 0);

        // The two lengths have no common divisor: both fit only a multiple of 3,074 images of CIFAR-10 or of 3,073 of CIFAR-100.
        if (is10 && is100)
            return LabelsFit(s_cifar10, file.Bytes.Span) ? s_cifar10 : s_cifar100;
        if (is10 || is100)
            return is10 ? s_cifar10 : s_cifar100;
        throw new InvalidDataException(
            $"'{file.Path}' has {length} bytes, neither whole records of CIFAR-10 ({s_cifar10.RecordBytes} bytes each, the last begins at byte "
            + $"{length - length % s_cifar10.RecordBytes}) nor of CIFAR-100 ({s_cifar100.RecordBytes}, {length - length % s_cifar100.RecordBytes}).");
    }

    private static bool LabelsFit(Kind kind, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0; at < bytes.Length; at += kind.RecordBytes)
        {
            if (bytes[at] >= kind.Labels[0])
                return false;
        }

        return true;
    }

    /// <summary>A version.</summary>
    /// <param name="Name">What it is called.</param>
    /// <param name="Labels">How many classes each byte in front of an image tells apart; the last one counts.</param>
    /// <param name="Names">Names of the classes.</param>
    private sealed record Kind(string Name, int[] Labels, string[]? Names)
    {
        public int RecordBytes => Labels.Length + ImageBytes;
    }
}
