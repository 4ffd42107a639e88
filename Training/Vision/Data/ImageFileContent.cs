using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Vision;

/// <summary>A file of images or labels, unpacked.</summary>
/// <param name="Path">As it was given, for messages.</param>
/// <param name="Bytes">All of it.</param>
internal sealed record ImageFileContent(string Path, ReadOnlyMemory<byte> Bytes)
{
    // Twice what the largest of the known sets has. A small packed file can unpack to any size, so something must end it.
    private const long MostBytes = 1L << 30;

    /// <summary>Its name, without the ending of gzip.</summary>
    public string Name
    {
        get
        {
            string name = System.IO.Path.GetFileName(Path);
            return name.EndsWith(SourceFile.GzipExtension, StringComparison.OrdinalIgnoreCase) ? name[..^SourceFile.GzipExtension.Length] : name;
        }
    }

    /// <summary>Reads a file, whose first bytes, not its name, say whether it is packed.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is empty or too large, or its packing is damaged.</exception>
    public static ImageFileContent Read(string path, long mostBytes = MostBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new FileNotFoundException($"'{path}' is a folder; files of images are asked for by their own names.", path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"File of images '{path}' does not exist.", path);
        using FileStream file = SourceFile.Open(path);
        ReadOnlyMemory<byte> bytes = IsPacked(file) ? Unpacked(file, path, mostBytes) : Content(file, mostBytes);
        if (bytes.Length > mostBytes)
            throw new InvalidDataException($"'{path}' has more than {mostBytes} bytes, which no known file of images has.");
        return bytes.IsEmpty ? throw new InvalidDataException($"'{path}' is empty.") : new ImageFileContent(path, bytes);
    }

    private static bool IsPacked(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        bool packed = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic is [0x1F, 0x8B];
        file.Position = 0;
        return packed;
    }

    private static ReadOnlyMemory<byte> Unpacked(FileStream file, string path, long mostBytes)
    {
        try
        {
            using GunzipStream stream = new(file);
            return Content(stream, mostBytes);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"'{path}' cannot be unpacked: {error.Message}", error);
        }
    }

    /// <summary>
    /// What there is to read, or a little more than is allowed: memory grows with it, whatever a header or the end of a packed file may claim.
    /// </summary>
    private static ReadOnlyMemory<byte> Content(Stream stream, long mostBytes)
    {
        MemoryStream content = new();
        byte[] block = new byte[1 << 16];
        for (int read; content.Length <= mostBytes && (read = stream.Read(block)) > 0;)
            content.Write(block, 0, read);
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }
}
