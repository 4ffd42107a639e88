using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Examples as JSON lines, UTF-8, packed with gzip if the name ends in <c>.gz</c>: one object on each line. Blank lines are passed over;
/// whatever else is wrong is an <see cref="InvalidDataException"/> that names the file and the line.
/// </summary>
internal static class JsonRecords
{
    /// <summary>The examples, each to be looked at before the next one is asked for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for messages: "Preference file".</param>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is not an object in JSON, or there is none.</exception>
    public static IEnumerable<DataRecord> Read(string path, string what, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ReadOnlyMemory<byte> rest = Bytes(path, what);
        bool any = false;
        for (int line = 1; !rest.IsEmpty; line++)
        {
            cancellation.ThrowIfCancellationRequested();
            int end = rest.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            any = true;
            using JsonDocument document = Parse(path, line, text);
            yield return new DataRecord(path, line, document.RootElement);
        }

        if (!any)
            throw new InvalidDataException($"{what} '{path}' has no examples.");
    }

    /// <summary>The content of a file, unpacked, without a byte order mark.</summary>
    public static ReadOnlyMemory<byte> Bytes(string path, string what)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{what} '{path}' does not exist.", path);
        ReadOnlyMemory<byte> bytes = path.EndsWith(SourceFile.GzipExtension, StringComparison.OrdinalIgnoreCase) ? Unpacked(path, what) : File.ReadAllBytes(path);
        return bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
    }

    private static byte[] Unpacked(string path, string what)
    {
        try
        {
            using FileStream file = SourceFile.Open(path);
            using GunzipStream stream = new(file);
            using MemoryStream content = new();
            stream.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{what} '{path}' cannot be unpacked: {error.Message}", error);
        }
    }

    private static JsonDocument Parse(string path, int line, ReadOnlyMemory<byte> text)
    {
        if (!Utf8.IsValid(text.Span))
            throw new InvalidDataException($"{path}, line {line}: the text is not valid UTF-8.");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path}, line {line}, byte {error.BytePositionInLine + 1}: the line is not valid JSON; one object on each line is expected.", error);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new InvalidDataException($"{path}, line {line}: the line is not a JSON object.");
    }
}
