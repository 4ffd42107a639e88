using System.Text;
using System.Text.Json;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>
/// JSONL: each line a JSON object that has its text in <see cref="DocumentOptions.TextField"/>, or a conversation in <c>messages</c>
/// (see <see cref="Conversation"/>). Blank lines are skipped, and texts of nothing but white space.
/// </summary>
public sealed class JsonLinesFormat : IDocumentFormat
{
    private const string MessagesField = "messages";

    // A record has to be in memory as a whole.
    private const int MostLineBytes = 1 << 28;

    private static readonly byte[] s_lineEnd = "\n"u8.ToArray();
    private static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false };

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; } = [".jsonl", ".jsonl.gz"];

    /// <inheritdoc/>
    public string Key(DocumentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return $"jsonl-1 {options.TextField}";
    }

    /// <inheritdoc/>
    public IEnumerable<DocumentPart> Read(string path, DocumentOptions options, IProgress<long>? bytes)
    {
        ArgumentNullException.ThrowIfNull(options);
        long line = 0;
        foreach ((string text, bool complete) in SourceFile.Pieces(path, s_lineEnd, MostLineBytes, bytes))
        {
            line++;
            if (!complete)
                throw new InvalidDataException($"{path}, line {line}: the line has more than {MostLineBytes >> 20} MB; is it JSONL, with a record in each line?");
            if (string.IsNullOrWhiteSpace(text))
                continue;

            string document = Document(text, options.TextField, path, line);
            if (!string.IsNullOrWhiteSpace(document))
                yield return new DocumentPart(document, Begins: true);
        }
    }

    private static string Document(string json, string textField, string path, long line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, s_options);
            return Document(document.RootElement, textField);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}, line {line}: not valid JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            // The latter for half a surrogate pair, which no text can have.
            throw new InvalidDataException($"{path}, line {line}: {e.Message}", e);
        }
    }

    private static string Document(JsonElement record, string textField)
    {
        if (record.ValueKind != JsonValueKind.Object)
            throw new FormatException($"the record is {record.ValueKind}, not an object.");
        if (record.TryGetProperty(textField, out JsonElement text))
        {
            return text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw new FormatException($"'{textField}' is {text.ValueKind}, not a string.");
        }

        if (record.TryGetProperty(MessagesField, out JsonElement messages))
            return Conversation.Render(Conversation.Parse(messages));

        string fields = string.Join(", ", record.EnumerateObject().Select(p => $"'{p.Name}'"));
        throw new FormatException($"there is neither '{textField}' nor '{MessagesField}'; the record has {(fields.Length > 0 ? fields : "no fields")}.");
    }
}
