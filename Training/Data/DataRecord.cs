using System.Globalization;
using System.Text.Json;

namespace SpikeEngine.Training.Data;

/// <summary>The fields of one example of a data file; what is wrong with one is an error that names file, line and field.</summary>
/// <param name="path">The file.</param>
/// <param name="line">The line, from 1.</param>
/// <param name="row">An object.</param>
/// <param name="within">Names of the objects around it, each with a dot behind it.</param>
internal readonly struct DataRecord(string path, int line, JsonElement row, string within = "")
{
    private const int ShownCharacters = 40;

    /// <summary>The file and the line.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"{path}, line {line}");

    /// <summary>The object itself.</summary>
    public JsonElement Json => row;

    public bool Has(string field) => row.TryGetProperty(field, out _);

    /// <summary>An empty text cannot be meant: as a prompt it predicts nothing, as a completion it says nothing.</summary>
    public string Text(string field) => TextOrEmpty(field) is { Length: > 0 } text ? text : throw Error(field, "is empty");

    /// <summary>A text, which may be empty.</summary>
    public string TextOrEmpty(string field) => Text(field, Value(field));

    /// <summary>Texts, none of them empty.</summary>
    public IReadOnlyList<string> Texts(string field)
    {
        DataRecord record = this;
        return [.. List(field).Select((value, i) => record.Text(Item(field, i), value) is { Length: > 0 } text ? text : throw record.Error(Item(field, i), "is empty"))];
    }

    /// <summary>What names an example: a text or a number; null without the field.</summary>
    public string? Name(string field) => !row.TryGetProperty(field, out JsonElement value)
        ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(field, value);

    public bool Flag(string field)
    {
        JsonElement value = Value(field);
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Error(field, $"is {Shown(value)}, expected true or false");
    }

    /// <summary>A whole number, which may be written as text.</summary>
    /// <param name="field">The field.</param>
    /// <param name="least">The smallest that is allowed.</param>
    /// <param name="most">The largest.</param>
    public int Number(string field, int least, int most)
    {
        JsonElement value = Value(field);
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw Error(field, string.Create(CultureInfo.InvariantCulture, $"is {Shown(value)}, expected a whole number from {least} to {most}"));
    }

    /// <summary>An object inside this one.</summary>
    public DataRecord Object(string field)
    {
        JsonElement value = Value(field);
        return value.ValueKind == JsonValueKind.Object
            ? new DataRecord(path, line, value, $"{within}{field}.")
            : throw Error(field, $"is {Shown(value)}, expected an object");
    }

    /// <summary>Objects inside this one.</summary>
    public IReadOnlyList<DataRecord> Objects(string field)
    {
        DataRecord record = this;
        (string file, int at, string outer) = (path, line, within);
        return [.. List(field).Select((value, i) => value.ValueKind == JsonValueKind.Object
            ? new DataRecord(file, at, value, $"{outer}{Item(field, i)}.")
            : throw record.Error(Item(field, i), $"is {Shown(value)}, expected an object"))];
    }

    /// <summary>Whether a field is a list.</summary>
    public bool IsList(string field) => row.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Array;

    /// <summary>Whether a field is true or false.</summary>
    public bool IsFlag(string field) => row.TryGetProperty(field, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False;

    /// <summary>Whether a field is an object.</summary>
    public bool IsObject(string field) => row.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Object;

    /// <summary>Other fields in this record's place.</summary>
    public DataRecord With(JsonElement fields) => new(path, line, fields, within);

    public InvalidDataException Error(string field, string offence) => new($"{Place}: field '{within}{field}' {offence}.");

    private string Text(string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            throw Error(field, "is a list, expected text");
        if (value.ValueKind != JsonValueKind.String)
            throw Error(field, $"is {Shown(value)}, expected text");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // The JSON reader's way of refusing escapes that are half a character.
            throw Error(field, "is not Unicode text");
        }
    }

    private List<JsonElement> List(string field)
    {
        JsonElement value = Value(field);
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : throw Error(field, $"is {Shown(value)}, expected a list");
    }

    private JsonElement Value(string field) =>
        row.TryGetProperty(field, out JsonElement value) ? value : throw Error(field, "is missing");

    private static string Item(string field, int index) => string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]");

    private static string Shown(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "...";
    }
}
