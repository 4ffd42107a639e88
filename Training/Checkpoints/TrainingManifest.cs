using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Checkpoints;

/// <summary>
/// The file <c>training.json</c> of a checkpoint: the numbers of the state, length and XXH128 of every other file, and its own
/// XXH128 at its end, so that a flipped bit anywhere is noticed.
/// </summary>
internal sealed class TrainingManifest
{
    public const string FileName = "training.json";

    private const string Format = "spikeengine-training";
    private const int Version = 1;
    private const string CheckStart = ",\n  \"check\": \"", CheckEnd = "\"\n}\n";
    private const int HashDigits = 32;

    private static readonly int s_tailLength = CheckStart.Length + HashDigits + CheckEnd.Length;

    public required long Step { get; init; }

    public required StateNumbers Numbers { get; init; }

    /// <summary>Name, length and XXH128 of every other file.</summary>
    public required IReadOnlyList<(string Name, long Length, string Hash)> Files { get; init; }

    public void Write(string folder)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            json.WriteNumber("step", Step);
            Numbers.Write(json);
            json.WriteStartObject("files");
            foreach ((string name, long length, string hash) in Files)
            {
                json.WriteStartObject(name);
                json.WriteNumber("bytes", length);
                json.WriteString("xxh128", hash);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        // The check comes last and covers every byte before it; the closing brace moves behind it.
        ReadOnlyMemory<byte> body = buffer.WrittenMemory[..^2];
        AtomicFile.Write(Path.Combine(folder, FileName), stream =>
        {
            stream.Write(body.Span);
            stream.Write(Encoding.ASCII.GetBytes(CheckStart + Hash(body.Span) + CheckEnd));
        });
    }

    /// <exception cref="InvalidDataException">The file is damaged or of another version.</exception>
    public static TrainingManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing");
        byte[] bytes = File.ReadAllBytes(path);
        string tail = bytes.Length < s_tailLength ? "" : Encoding.ASCII.GetString(bytes.AsSpan(bytes.Length - s_tailLength));
        if (tail.Length == 0 || tail != CheckStart + Hash(bytes.AsSpan(0, bytes.Length - s_tailLength)) + CheckEnd)
            throw new InvalidDataException($"{path}: the checksum at its end is not that of its content: it is damaged");

        using var document = JsonDocument.Parse(bytes);
        JsonElement root = document.RootElement;
        if (root.GetProperty("format").GetString() != Format || root.GetProperty("version").GetInt32() != Version)
            throw new InvalidDataException($"{path}: it is of version {root.GetProperty("version")}, and this program reads version {Version}");
        return new TrainingManifest
        {
            Step = root.GetProperty("step").GetInt64(),
            Numbers = StateNumbers.Read(root),
            Files = [.. root.GetProperty("files").EnumerateObject().Select(file =>
                (file.Name, file.Value.GetProperty("bytes").GetInt64(), file.Value.GetProperty("xxh128").GetString()!))],
        };
    }

    /// <summary>XXH128 in lower-case hexadecimal digits.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes) => XxHash128.HashToUInt128(bytes).ToString("x32", CultureInfo.InvariantCulture);
}
