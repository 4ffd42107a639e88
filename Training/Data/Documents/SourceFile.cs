namespace SpikeEngine.Training.Data.Documents;

/// <summary>Opens text files, unpacking those whose names end in <c>.gz</c>, and tells how far they were read.</summary>
internal static class SourceFile
{
    public const string GzipExtension = ".gz";

    private const int BlockSize = 1 << 18;

    /// <summary>Pieces of a file between delimiters, as text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="delimiter">What parts them; empty when nothing does.</param>
    /// <param name="most">Most bytes of a piece.</param>
    /// <param name="bytes">Told how many bytes of the file were read.</param>
    /// <exception cref="InvalidDataException">The file is not UTF-8, or its packing is damaged.</exception>
    public static IEnumerable<(string Text, bool Complete)> Pieces(string path, byte[] delimiter, int most, IProgress<long>? bytes)
    {
        using FileStream file = Open(path);
        using Stream stream = path.EndsWith(GzipExtension, StringComparison.OrdinalIgnoreCase) ? new GunzipStream(file) : file;
        var reader = new DelimitedReader(stream, delimiter, most);
        long told = 0;
        while (Next(reader, path, out string text, out bool complete))
        {
            if (file.Position != told)
                bytes?.Report(told = file.Position);
            yield return (text, complete);
        }
    }

    /// <summary>A file for reading from its beginning to its end.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static FileStream Open(string path) => File.Exists(path)
        ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BlockSize, FileOptions.SequentialScan)
        : throw new FileNotFoundException($"Text file '{path}' does not exist.", path);

    private static bool Next(DelimitedReader reader, string path, out string text, out bool complete)
    {
        ReadOnlySpan<byte> piece;
        try
        {
            if (!reader.Next(out piece, out complete))
            {
                text = "";
                return false;
            }
        }
        catch (InvalidDataException e)
        {
            // Only unpacking throws it there, and knows no name.
            throw new InvalidDataException($"Text file '{path}' cannot be unpacked: {e.Message}", e);
        }

        text = StrictUtf8.Decode(piece, path, reader.Offset);
        return true;
    }
}
