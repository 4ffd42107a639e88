using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// Reads preference data: one JSON object per line with the fields <c>prompt</c>, <c>chosen</c> and <c>rejected</c>, or <c>prompt</c>,
/// <c>completion</c> and <c>label</c> (true: desirable). Other fields and blank lines are passed over; whatever else is wrong is an
/// <see cref="InvalidDataException"/> that names the file, the line and the field.
/// </summary>
public static class PreferenceFile
{
    private const string Prompt = "prompt", Chosen = "chosen", Rejected = "rejected", Completion = "completion", Label = "label";

    /// <summary>Pairs for DPO.</summary>
    /// <param name="path">The file, UTF-8.</param>
    /// <param name="cancellation">Stops between two lines.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is not such an object, or there is none.</exception>
    public static IReadOnlyList<PreferenceText> ReadPairs(string path, CancellationToken cancellation) =>
        Read<PreferenceText>(
            path,
            row => row.Has(Completion) && !row.Has(Chosen)
                ? throw row.Error(Chosen, $"is missing; with '{Completion}' this is data for KTO, which is not paired")
                : [Pair(row)],
            cancellation);

    /// <summary>Labelled completions for KTO. A pair gives two of them: the chosen one is desirable, the rejected one is not.</summary>
    /// <inheritdoc cref="ReadPairs"/>
    public static IReadOnlyList<LabelledText> ReadLabelled(string path, CancellationToken cancellation) =>
        Read(path, Labelled, cancellation);

    private static LabelledText[] Labelled(PreferenceRow row)
    {
        if (row.Has(Completion) || !row.Has(Chosen))
            return [new LabelledText(row.Text(Prompt), row.Text(Completion), row.Flag(Label))];
        PreferenceText pair = Pair(row);
        return [new LabelledText(pair.Prompt, pair.Chosen, true), new LabelledText(pair.Prompt, pair.Rejected, false)];
    }

    private static PreferenceText Pair(PreferenceRow row) => new(row.Text(Prompt), row.Text(Chosen), row.Text(Rejected));

    private static List<T> Read<T>(string path, Func<PreferenceRow, T[]> read, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"Preference file '{path}' does not exist.", path);
        ReadOnlyMemory<byte> rest = File.ReadAllBytes(path);
        if (rest.Span.StartsWith(Encoding.UTF8.Preamble))
            rest = rest[Encoding.UTF8.Preamble.Length..];

        List<T> rows = [];
        for (int line = 1; !rest.IsEmpty; line++)
        {
            cancellation.ThrowIfCancellationRequested();
            int end = rest.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            using JsonDocument document = Parse(path, line, text);
            rows.AddRange(read(new PreferenceRow(path, line, document.RootElement)));
        }

        return rows.Count > 0 ? rows : throw new InvalidDataException($"Preference file '{path}' has no examples.");
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
