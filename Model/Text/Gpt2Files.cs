using System.Text.Json;

namespace SpikeEngine.Model.Text;

/// <summary>
/// The form that GPT-2's tokenizer had before <c>tokenizer.json</c>, in which OPT is published: <c>vocab.json</c> with the ids, <c>merges.txt</c> with the merges by
/// rank, and, where there are any, <c>special_tokens_map.json</c>, <c>added_tokens.json</c> and <c>tokenizer_config.json</c>.
/// </summary>
internal static class Gpt2Files
{
    /// <summary>The file that stands for all of them.</summary>
    public const string Vocabulary = "vocab.json";

    /// <summary>File name of the merges.</summary>
    public const string Merges = "merges.txt";

    private const string SpecialTokens = "special_tokens_map.json";
    private const string AddedTokens = "added_tokens.json";
    private const string Settings = "tokenizer_config.json";
    private const string VersionLine = "#version";   // the first line of the merges, in most files

    private const string SuffixOfTokens = "_token";   // of settings that name one

    private static readonly string[] s_unsupported = ["single_word", "lstrip", "rstrip"];

    /// <summary>All of them, whether they must be there or not.</summary>
    public static IReadOnlyList<string> All { get; } = [Vocabulary, Merges, SpecialTokens, AddedTokens, Settings];

    /// <summary>Whether a path is that of such a vocabulary.</summary>
    public static bool Is(string path) => Path.GetFileName(path) == Vocabulary;

    /// <summary>The same tokenizer as the text of a <c>tokenizer.json</c>.</summary>
    /// <param name="path">The vocabulary; the other files are beside it.</param>
    /// <exception cref="FileNotFoundException">The merges are missing.</exception>
    /// <exception cref="FormatException">A file does not say what it should.</exception>
    /// <exception cref="JsonException">A file is not valid JSON.</exception>
    public static byte[] ToTokenizerJson(string path)
    {
        string merges = Beside(path, Merges);
        if (!File.Exists(merges))
            throw new FileNotFoundException($"Tokenizer file '{path}' needs {Merges} beside it.", merges);
        List<(string Token, int Id)> tokens = Ids(path);
        IEnumerable<string> lines = File.ReadLines(merges).Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith(VersionLine, StringComparison.Ordinal)));
        using MemoryStream json = new();
        TokenizerJson.Write(json, tokens, lines, Added(path, tokens));
        return json.ToArray();
    }

    private static string Beside(string path, string name) => Path.Combine(Path.GetDirectoryName(path)!, name);

    private static List<(string Token, int Id)> Ids(string path)
    {
        using JsonDocument document = Open(path);
        return [.. document.RootElement.EnumerateObject().Select(entry => (entry.Name, Id(entry)))];

        int Id(JsonProperty entry) => entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out int id)
            ? id
            : throw new FormatException($"{Path.GetFileName(path)}: the id of '{entry.Name}' is {entry.Value}, not a whole number.");
    }

    /// <summary>What is added, and what is special; ids of the latter are in the vocabulary, or in the file of what is added.</summary>
    private static List<TokenizerFile.AddedToken> Added(string path, List<(string Token, int Id)> tokens)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        foreach ((string token, int id) in tokens)
            ids.TryAdd(token, id);
        HashSet<string> special = Special(path);

        // GPT-2's first files did not say so. OPT's vocabulary may have GPT-2's end of text as well, which ends nothing there.
        if (special.Count == 0 && new[] { Tokenizer.OptEndOfText, Tokenizer.EndOfText }.FirstOrDefault(ids.ContainsKey) is { } end)
            special.Add(end);

        List<TokenizerFile.AddedToken> added = File.Exists(Beside(path, AddedTokens))
            ? [.. Ids(Beside(path, AddedTokens)).Select(token => Token(token.Token, token.Id))]
            : [];
        foreach (string token in special.Where(token => added.All(other => other.Content != token)))
        {
            if (!ids.TryGetValue(token, out int id))
                throw new FormatException($"'{token}' is a special token, which neither {Vocabulary} nor {AddedTokens} has.");
            added.Add(Token(token, id));
        }

        return added;

        TokenizerFile.AddedToken Token(string content, int id) => new(content, id, special.Contains(content), Normalized: false);
    }

    /// <summary>The tokens that the map of special tokens names, or else the settings.</summary>
    private static HashSet<string> Special(string path)
    {
        HashSet<string> special = new(StringComparer.Ordinal);
        if (File.Exists(Beside(path, Settings)))
        {
            using JsonDocument settings = Open(Beside(path, Settings));
            if (settings.RootElement.TryGetProperty("add_prefix_space", out JsonElement prefix) && prefix.ValueKind == JsonValueKind.True)
                throw new FormatException($"{Settings}: add_prefix_space is true, which is not supported.");
            AddTokens(settings, Settings, entry => entry.Name.EndsWith(SuffixOfTokens, StringComparison.Ordinal)
                && entry.Value.ValueKind is JsonValueKind.String or JsonValueKind.Object, special);   // others are switches, such as add_bos_token, or null
        }

        if (File.Exists(Beside(path, SpecialTokens)))
        {
            special.Clear();
            using JsonDocument map = Open(Beside(path, SpecialTokens));
            AddTokens(map, SpecialTokens, entry => entry.Value.ValueKind != JsonValueKind.Null, special);
        }

        return special;
    }

    private static void AddTokens(JsonDocument document, string file, Func<JsonProperty, bool> isToken, HashSet<string> tokens)
    {
        foreach (JsonProperty entry in document.RootElement.EnumerateObject().Where(isToken))
        {
            if (entry.Value.ValueKind == JsonValueKind.Array)
                tokens.UnionWith(entry.Value.EnumerateArray().Select(token => Content(token, file, entry.Name)));
            else
                tokens.Add(Content(entry.Value, file, entry.Name));
        }
    }

    /// <summary>A token is a string, or an object with its content and flags.</summary>
    private static string Content(JsonElement token, string file, string name)
    {
        JsonElement content = token;
        if (token.ValueKind == JsonValueKind.Object)
        {
            foreach (string flag in s_unsupported)
            {
                if (token.TryGetProperty(flag, out JsonElement set) && set.ValueKind == JsonValueKind.True)
                    throw new FormatException($"{file}: {name} sets {flag}, which is not supported.");
            }

            token.TryGetProperty("content", out content);
        }

        return content.ValueKind == JsonValueKind.String && content.GetString() is { Length: > 0 } text
            ? text
            : throw new FormatException($"{file}: {name} is {token.GetRawText()}, neither a string nor an object with its content.");
    }

    private static JsonDocument Open(string path)
    {
        var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? document
            : throw new FormatException($"{Path.GetFileName(path)} is {document.RootElement.ValueKind}, not {JsonValueKind.Object}.");
    }
}
