using System.Text.Json;

namespace SpikeEngine.Training.Alignment;

/// <summary>The fields of one line of preference data.</summary>
internal readonly struct PreferenceRow(string path, int line, JsonElement row)
{
    private const int ShownCharacters = 40;

    public bool Has(string field) => row.TryGetProperty(field, out _);

    /// <summary>An empty text cannot be meant: as a prompt it predicts nothing, as a completion it says nothing.</summary>
    public string Text(string field)
    {
        JsonElement value = Value(field);
        if (value.ValueKind == JsonValueKind.Array)
            throw Error(field, "is a list, expected text; bring conversations into one text per turn of the model first");
        if (value.ValueKind != JsonValueKind.String)
            throw Error(field, $"is {Shown(value)}, expected text");
        try
        {
            return value.GetString() is { Length: > 0 } text ? text : throw Error(field, "is empty");
        }
        catch (InvalidOperationException)
        {
            // The JSON reader's way of refusing escapes that are half a character.
            throw Error(field, "is not Unicode text");
        }
    }

    public bool Flag(string field)
    {
        JsonElement value = Value(field);
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Error(field, $"is {Shown(value)}, expected true or false");
    }

    public InvalidDataException Error(string field, string offence) => new($"{path}, line {line}: field '{field}' {offence}.");

    private JsonElement Value(string field) =>
        row.TryGetProperty(field, out JsonElement value) ? value : throw Error(field, "is missing");

    private static string Shown(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "...";
    }
}
