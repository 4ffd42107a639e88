using System.Text.Json;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Typed access to the fields of one object of a configuration file. A missing or null field takes the default; one
/// of the wrong kind is an <see cref="InvalidDataException"/> that names the file and the field.
/// </summary>
internal readonly struct ConfigFields(string path, JsonElement element, string prefix = "")
{
    public ConfigFields? Object(string field)
    {
        if (!TryGet(field, out JsonElement value))
            return null;
        return value.ValueKind == JsonValueKind.Object
            ? new ConfigFields(path, value, $"{prefix}{field}.")
            : throw Wrong(field, value, "an object");
    }

    public string Text(string field, string missing)
    {
        if (!TryGet(field, out JsonElement value))
            return missing;
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(field, value, "a string");
    }

    public bool Flag(string field, bool missing)
    {
        if (!TryGet(field, out JsonElement value))
            return missing;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(field, value, "true or false");
    }

    /// <summary>Every whole number of a model is a size or a count, so it must be positive.</summary>
    public int Size(string field, int missing)
    {
        if (!TryGet(field, out JsonElement value))
            return missing;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0
            ? number
            : throw Wrong(field, value, "a positive 32-bit integer");
    }

    /// <summary>A number of things of which there may be none.</summary>
    public int Count(string field, int missing)
    {
        if (!TryGet(field, out JsonElement value))
            return missing;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0
            ? number
            : throw Wrong(field, value, "a non-negative 32-bit integer");
    }

    /// <summary>How many elements an array has; a missing one has none.</summary>
    public int Elements(string field)
    {
        if (!TryGet(field, out JsonElement value))
            return 0;
        return value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : throw Wrong(field, value, "an array");
    }

    /// <summary>Positive whole numbers; none where the field is missing.</summary>
    public IReadOnlyList<int> Sizes(string field) => TryGet(field, out JsonElement value) ? Sizes(field, value) : [];

    /// <summary>Lists of positive whole numbers; none where the field is missing.</summary>
    public IReadOnlyList<IReadOnlyList<int>> SizeLists(string field)
    {
        if (!TryGet(field, out JsonElement value))
            return [];
        ConfigFields self = this;
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(list => self.Sizes(field, list))] : throw Wrong(field, value, "an array of arrays");
    }

    /// <summary>Numbers; none where the field is missing.</summary>
    public IReadOnlyList<float> Numbers(string field)
    {
        if (!TryGet(field, out JsonElement value))
            return [];
        ConfigFields self = this;
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(number => self.ToNumber(field, number))] : throw Wrong(field, value, "an array of numbers");
    }

    public bool Has(string field) => TryGet(field, out _);

    public float Number(string field, float missing) =>
        TryGet(field, out JsonElement value) ? ToNumber(field, value) : missing;

    /// <summary>A field that is one of some words.</summary>
    public T Choice<T>(string field, IReadOnlyList<(string Name, T Value)> names, T missing)
        where T : struct
    {
        string text = Text(field, names.NameOf(missing));
        return names.ValueOf(text) ?? throw Broken(field, $"is '{text}', not one of {string.Join(", ", names.Select(n => n.Name))}");
    }

    public (float Low, float High) Range(string field, (float Low, float High) missing)
    {
        if (!TryGet(field, out JsonElement value))
            return missing;
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2
            ? (ToNumber(field, value[0]), ToNumber(field, value[1]))
            : throw Wrong(field, value, "an array of two numbers");
    }

    public InvalidDataException Broken(string field, string offence) => new($"{path}: {prefix}{field} {offence}");

    private bool TryGet(string field, out JsonElement value) =>
        element.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;

    private IReadOnlyList<int> Sizes(string field, JsonElement value)
    {
        const string Expected = "an array of positive 32-bit integers";
        ConfigFields self = this;
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(size => size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out int number) && number > 0 ? number : throw self.Wrong(field, value, Expected))]
            : throw Wrong(field, value, Expected);
    }

    private float ToNumber(string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number))
            return number;
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(BareFloatLiterals.Key, out JsonElement word)
            && word.ValueKind == JsonValueKind.String)
        {
            if (word.ValueEquals("Infinity"))
                return float.PositiveInfinity;
            if (word.ValueEquals("-Infinity"))
                return float.NegativeInfinity;
            if (word.ValueEquals("NaN"))
                return float.NaN;
        }
        throw Wrong(field, value, "a number");
    }

    private InvalidDataException Wrong(string field, JsonElement value, string expected)
    {
        string text = value.GetRawText();
        return Broken(field, $"is {(text.Length <= 80 ? text : text[..80] + "...")}, expected {expected}");
    }
}
