using System.Text.Json;
using System.Text.Unicode;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Reads the JSON object at the head of a safetensors file:
/// <c>{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ..., "__metadata__": {"key": "value"}}</c>.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The reference implementation's limit: a header this long is an attack or an accident.</summary>
    public const int MaxLength = 100_000_000;

    public const string MetadataKey = "__metadata__";

    // A key twice would leave it to chance which of two tensors is loaded. Depth 8 is twice what the format needs.
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private readonly string _path;
    private readonly List<TensorEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafetensorsHeader(string path) => _path = path;

    public IReadOnlyList<TensorEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Parses the header and checks every claim in it against the bytes that follow it.</summary>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> json, long dataLength)
    {
        SafetensorsHeader header = new(path);
        try
        {
            header.ReadObject(json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: the header is not valid JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            // The JSON reader's way of refusing half a surrogate pair in an escape.
            throw new InvalidDataException($"{path}: the header holds text that is not Unicode: {error.Message}", error);
        }

        SafetensorsLayout.Check(path, header._entries, dataLength);
        return header;
    }

    private void ReadObject(ReadOnlyMemory<byte> json)
    {
        if (json.Length == 0 || json.Span[0] != (byte)'{')
            throw new InvalidDataException($"{_path}: the header must begin with {{");
        if (!Utf8.IsValid(json.Span))
            throw new InvalidDataException($"{_path}: the header is not UTF-8");

        using var document = JsonDocument.Parse(json, s_strict);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
        {
            if (property.NameEquals(MetadataKey))
                ReadMetadata(property.Value);
            else
                _entries.Add(ReadEntry(property.Name, property.Value));
        }
    }

    private void ReadMetadata(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{_path}: {MetadataKey} is not an object");

        foreach (JsonProperty property in metadata.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw new InvalidDataException($"{_path}: {MetadataKey} '{property.Name}' is not a string");
            _metadata.Add(property.Name, property.Value.GetString()!);
        }
    }

    private TensorEntry ReadEntry(string name, JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw Broken(name, "its entry is not an object");

        if (!entry.TryGetProperty("dtype", out JsonElement type) || type.ValueKind != JsonValueKind.String)
            throw Broken(name, "dtype is missing or not a string");
        if (!TensorDTypes.TryParse(type.GetString()!, out TensorDType dtype))
            throw Broken(name, $"dtype '{type.GetString()}' is unknown");

        long[] shape = ReadIntegers(name, entry, "shape");
        long[] offsets = ReadIntegers(name, entry, "data_offsets");
        if (offsets.Length != 2)
            throw Broken(name, $"data_offsets has {offsets.Length} numbers, not 2");
        if (offsets[1] < offsets[0])
            throw Broken(name, $"data_offsets end at {offsets[1]}, before they begin at {offsets[0]}");

        TensorEntry tensor = new(name, dtype, shape, offsets[0], offsets[1]);
        SafetensorsLayout.CheckSize(_path, tensor);
        return tensor;
    }

    private long[] ReadIntegers(string name, JsonElement entry, string field)
    {
        if (!entry.TryGetProperty(field, out JsonElement array) || array.ValueKind != JsonValueKind.Array)
            throw Broken(name, $"{field} is missing or not an array");

        long[] values = new long[array.GetArrayLength()];
        int i = 0;
        foreach (JsonElement element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out values[i]) || values[i] < 0)
                throw Broken(name, $"{field} holds {MessageText.Shorten(element.GetRawText())}, not a non-negative 64-bit integer");
            i++;
        }
        return values;
    }

    private InvalidDataException Broken(string name, string offence) => new($"{_path}: tensor '{MessageText.Shorten(name)}': {offence}");
}
