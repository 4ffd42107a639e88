using System.Globalization;
using System.Text;

namespace SpikeEngine.Training.Vision;

/// <summary>
/// Handwritten digits as text (optdigits, Alpaydin and Kaynak 1998): on each line 64 numbers from 0 to 16, which are 8 x 8 pixels row by row,
/// and the class, parted by commas. Some copies name the columns on the first line. Blank lines are passed over.
/// </summary>
internal static class DigitLines
{
    private const int Side = 8;
    private const int ImageBytes = Side * Side;
    private const int FullScale = 16;
    private const int Classes = 10;

    /// <exception cref="InvalidDataException">A line has not 65 numbers, one is out of its range, or there is no image.</exception>
    public static ImageSet Read(ImageFileContent file)
    {
        List<byte> pixels = [], labels = [];
        Span<byte> row = stackalloc byte[ImageBytes + 1];
        ReadOnlySpan<byte> rest = file.Bytes.Span;
        if (rest.StartsWith(Encoding.UTF8.Preamble))
            rest = rest[Encoding.UTF8.Preamble.Length..];
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.IsEmpty || (line == 1 && NamesColumns(text)))
                continue;
            Parse(text, row, $"'{file.Path}', line {line}");
            pixels.AddRange(row[..ImageBytes]);
            labels.Add(row[ImageBytes]);
        }

        return labels.Count > 0
            ? new ImageSet(pixels.ToArray(), labels.ToArray(), channels: 1, Side, Side, Classes, FullScale)
            : throw new InvalidDataException($"'{file.Path}' has no images.");
    }

    private static bool NamesColumns(ReadOnlySpan<byte> text) =>
        text.Count((byte)',') == ImageBytes && (char.IsAsciiLetter((char)text[0]) || text[0] == '"');

    private static void Parse(ReadOnlySpan<byte> text, Span<byte> row, string place)
    {
        int numbers = text.Count((byte)',') + 1;
        if (numbers != row.Length)
            throw new InvalidDataException($"{place}: there are {numbers} numbers; {ImageBytes} of an image and its class are expected.");
        int i = 0;
        foreach (Range cell in text.Split((byte)','))
        {
            int most = i < ImageBytes ? FullScale : Classes - 1;
            if (!byte.TryParse(text[cell].Trim(" \t"u8), NumberStyles.None, CultureInfo.InvariantCulture, out row[i]) || row[i] > most)
            {
                string found = Encoding.UTF8.GetString(text[cell]), what = i < ImageBytes ? $"number {i + 1}" : "the class";
                throw new InvalidDataException($"{place}: {what} is \"{found}\"; a whole number from 0 to {most} is expected.");
            }

            i++;
        }
    }
}
