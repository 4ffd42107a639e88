using System.IO.Hashing;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Model.Text;

/// <summary>What a byte-level BPE <c>tokenizer.json</c> says, or <see cref="Gpt2Files">the files of GPT-2 and OPT</see>, read and checked.</summary>
internal sealed class TokenizerFile
{
    public required Dictionary<string, int> Vocabulary { get; init; }   // without the added tokens
    public required List<string> Merges { get; init; }                  // "left right", by rank
    public required List<AddedToken> Added { get; init; }
    public required bool NormalizesToNfc { get; init; }
    public string Key { get; private set; } = "";                       // hash of the file's bytes

    public readonly record struct AddedToken(string Content, int Id, bool Special, bool Normalized);

    public static TokenizerFile Read(string path) => Read(path, out _);

    private static TokenizerFile Read(string path, out byte[] content)
    {
        if (Directory.Exists(path))
        {
            path = ModelFolder.FindTokenizer(path)
                ?? throw new FileNotFoundException($"Folder '{path}' has no {ModelFolder.TokenizerFile}, nor {Gpt2Files.Vocabulary} with {Gpt2Files.Merges}.", path);
        }

        if (!File.Exists(path))
            throw new FileNotFoundException($"Tokenizer file '{path}' does not exist.", path);
        try
        {
            content = Gpt2Files.Is(path) ? Gpt2Files.ToTokenizerJson(path) : File.ReadAllBytes(path);
            using JsonDocument document = JsonDocument.Parse(content);
            TokenizerFile file = Parse(document.RootElement);
            file.Key = Convert.ToHexStringLower(XxHash128.Hash(content));
            return file;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Tokenizer file '{path}' is not valid JSON: {e.Message}", e);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"Tokenizer file '{path}': {e.Message}", e);
        }
    }

    /// <summary>Writes a tokenizer as <c>tokenizer.json</c>, whole or not at all: a copy, or what <see cref="Gpt2Files"/> become.</summary>
    /// <param name="path">The tokenizer.</param>
    /// <param name="target">The file to write.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no tokenizer that can be read.</exception>
    public static void Copy(string path, string target)
    {
        Read(path, out byte[] content);
        AtomicFile.Write(target, stream => stream.Write(content));
    }

    private static TokenizerFile Parse(JsonElement root)
    {
        RequireKind(root, JsonValueKind.Object, "the file");
        JsonElement model = Required(root, "model", JsonValueKind.Object);
        CheckModel(model);
        CheckPreTokenizer(root);

        List<AddedToken> added = ReadAdded(root);
        var file = new TokenizerFile
        {
            Vocabulary = ReadVocabulary(model, added),
            Merges = ReadMerges(model),
            Added = added,
            NormalizesToNfc = ReadNormalizer(root),
        };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string merge in file.Merges)
        {
            CheckMerge(merge, file.Vocabulary);
            if (!seen.Add(merge))
                throw new FormatException($"merge '{merge}' is there twice, with two ranks.");
        }

        return file;
    }

    /// <summary>Refuses what would silently give other ids than the file's author meant.</summary>
    private static void CheckModel(JsonElement model)
    {
        // Files from before the type was written have none, and are BPE when they have merges.
        string type = Text(model, "type") ?? "BPE";
        if (type != "BPE")
            throw new FormatException($"model.type is '{type}'; only byte-level 'BPE' is supported.");
        foreach (string flag in (ReadOnlySpan<string>)["byte_fallback", "ignore_merges"])
        {
            if (Flag(model, flag, false))
                throw new FormatException($"model.{flag} is true, which is not supported.");
        }

        foreach (string affix in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (Text(model, affix) is { Length: > 0 } value)
                throw new FormatException($"model.{affix} is '{value}', which byte-level BPE does not have.");
        }
    }

    private static void CheckPreTokenizer(JsonElement root)
    {
        JsonElement pre = Required(root, "pre_tokenizer", JsonValueKind.Object);
        string? type = Text(pre, "type");
        if (type != "ByteLevel")
            throw new FormatException($"pre_tokenizer.type is '{type}'; only 'ByteLevel' is supported.");
        if (Flag(pre, "add_prefix_space", true))
            throw new FormatException("pre_tokenizer.add_prefix_space is true, which is not supported.");
        if (!Flag(pre, "use_regex", true))
            throw new FormatException("pre_tokenizer.use_regex is false, which is not supported.");
    }

    private static bool ReadNormalizer(JsonElement root)
    {
        if (!root.TryGetProperty("normalizer", out JsonElement normalizer) || normalizer.ValueKind == JsonValueKind.Null)
            return false;
        string? type = Text(normalizer, "type");
        return type == "NFC" ? true : throw new FormatException($"normalizer.type is '{type}'; only 'NFC' or none is supported.");
    }

    private static List<AddedToken> ReadAdded(JsonElement root)
    {
        var added = new List<AddedToken>();
        if (!root.TryGetProperty("added_tokens", out JsonElement list) || list.ValueKind == JsonValueKind.Null)
            return added;
        RequireKind(list, JsonValueKind.Array, "added_tokens");
        foreach (JsonElement token in list.EnumerateArray())
        {
            string content = Required(token, "content", JsonValueKind.String).GetString()!;
            if (content.Length == 0)
                throw new FormatException("added_tokens has a token with an empty content.");
            foreach (string flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip"])
            {
                if (Flag(token, flag, false))
                    throw new FormatException($"added token '{content}' sets {flag}, which is not supported.");
            }

            bool special = Flag(token, "special", false);
            added.Add(new AddedToken(content, Id(Required(token, "id", JsonValueKind.Number), content), special,
                Flag(token, "normalized", !special)));
        }

        return added;
    }

    private static Dictionary<string, int> ReadVocabulary(JsonElement model, List<AddedToken> added)
    {
        var tokenOfId = new Dictionary<int, string>();
        var idOfAdded = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (AddedToken token in added)
        {
            if (!tokenOfId.TryAdd(token.Id, token.Content) || !idOfAdded.TryAdd(token.Content, token.Id))
                throw new FormatException($"added token '{token.Content}' (id {token.Id}) is there twice, or shares its id.");
        }

        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (JsonProperty entry in Required(model, "vocab", JsonValueKind.Object).EnumerateObject())
        {
            int id = Id(entry.Value, entry.Name);
            if (!tokenOfId.TryAdd(id, entry.Name) && tokenOfId[id] != entry.Name)
                throw new FormatException($"id {id} belongs to both '{tokenOfId[id]}' and '{entry.Name}'.");
            if (idOfAdded.TryGetValue(entry.Name, out int addedId) && addedId != id)
                throw new FormatException($"token '{entry.Name}' has id {id} in model.vocab and {addedId} in added_tokens.");
            if (!vocabulary.TryAdd(entry.Name, id))
                throw new FormatException($"model.vocab has '{entry.Name}' twice.");
        }

        return vocabulary.Count > 0 ? vocabulary : throw new FormatException("model.vocab is empty.");
    }

    /// <summary>Newer files hold a merge as two strings, older ones as one string with a blank between.</summary>
    private static List<string> ReadMerges(JsonElement model)
    {
        var merges = new List<string>();
        foreach (JsonElement merge in Required(model, "merges", JsonValueKind.Array).EnumerateArray())
        {
            merges.Add(merge.ValueKind switch
            {
                JsonValueKind.String => merge.GetString()!,
                JsonValueKind.Array when merge.GetArrayLength() == 2 => $"{merge[0].GetString()} {merge[1].GetString()}",
                _ => throw new FormatException($"model.merges[{merges.Count}] is neither a string nor two strings: {merge}"),
            });
        }

        return merges;
    }

    private static void CheckMerge(string merge, Dictionary<string, int> vocabulary)
    {
        string[] parts = merge.Split(' ');
        if (parts.Length != 2)
            throw new FormatException($"merge '{merge}' does not have two parts.");
        foreach (string token in (ReadOnlySpan<string>)[parts[0], parts[1], parts[0] + parts[1]])
        {
            if (!vocabulary.ContainsKey(token))
                throw new FormatException($"merge '{merge}' needs '{token}', which model.vocab does not have.");
        }
    }

    private static JsonElement Required(JsonElement parent, string name, JsonValueKind kind)
    {
        RequireKind(parent, JsonValueKind.Object, $"the parent of '{name}'");
        if (!parent.TryGetProperty(name, out JsonElement value))
            throw new FormatException($"'{name}' is missing.");
        RequireKind(value, kind, $"'{name}'");
        return value;
    }

    private static void RequireKind(JsonElement value, JsonValueKind kind, string what)
    {
        if (value.ValueKind != kind)
            throw new FormatException($"{what} is {value.ValueKind}, not {kind}.");
    }

    private static int Id(JsonElement value, string token) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id is >= 0 and < 1 << 24
            ? id
            : throw new FormatException($"the id of '{token}' is {value}, not a whole number from 0 to {(1 << 24) - 1}.");

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement parent, string name, bool otherwise) =>
        !parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? otherwise : value.GetBoolean();
}
