using System.Text.Json;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Reads the index of weights in several files: <c>{"metadata": {...}, "weight_map": {"tensor": "file beside the index"}}</c>.
/// </summary>
internal static class ShardIndex
{
    /// <summary>Far more than the names of any model take.</summary>
    private const long MaxLength = 64 << 20;

    // A tensor twice would leave it to chance which of two files it is read from.
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>File names by tensor, in the order of the index.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MaxLength } file)
            throw new InvalidDataException($"{path}: {file.Length} bytes are too many for an index of weights");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), s_strict);
            return Parse(path, document.RootElement);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: the index is not valid JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            // The JSON reader's way of refusing text that is not Unicode.
            throw new InvalidDataException($"{path}: the index holds text that is not Unicode", error);
        }
    }

    private static List<KeyValuePair<string, string>> Parse(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out JsonElement map)
            || map.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{path}: weight_map is missing or not an object");
        }

        List<KeyValuePair<string, string>> files = [];
        foreach (JsonProperty tensor in map.EnumerateObject())
        {
            string? shard = tensor.Value.ValueKind == JsonValueKind.String ? tensor.Value.GetString() : null;
            if (shard is null || !IsPlainName(shard) || !WeightFiles.HasKnownEnding(shard))
            {
                throw new InvalidDataException($"{path}: tensor '{MessageText.Shorten(tensor.Name)}' is said to be in "
                    + $"{MessageText.Shorten(tensor.Value.GetRawText())}, which is not the name of a file of weights beside the index");
            }
            files.Add(new(tensor.Name, shard));
        }
        return files;
    }

    /// <summary>No folder, drive, stream or parent: an index must not reach out of its folder, on any system.</summary>
    private static bool IsPlainName(string name) =>
        name.Length is > 0 and < 256 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;
}
