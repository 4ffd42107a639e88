using System.Text.Encodings.Web;
using System.Text.Json;

namespace SpikeEngine.Model.Text;

/// <summary>Writes a byte-level BPE vocabulary in Hugging Face's <c>tokenizer.json</c> form.</summary>
internal static class TokenizerJson
{
    // Not for a web page: Ġ may stay Ġ, as in everybody else's files.
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes it.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tokens">Tokens in the byte-level alphabet, with their ids.</param>
    /// <param name="merges">"left right", by rank.</param>
    /// <param name="added">Tokens that are cut out of texts.</param>
    public static void Write(Stream stream, IEnumerable<(string Token, int Id)> tokens, IEnumerable<string> merges, IEnumerable<TokenizerFile.AddedToken> added)
    {
        using Utf8JsonWriter json = new(stream, s_options);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json, added);
        json.WriteNull("normalizer");
        foreach (string part in (ReadOnlySpan<string>)["pre_tokenizer", "post_processor", "decoder"])
            WriteByteLevel(json, part);
        WriteModel(json, tokens, merges);
        json.WriteEndObject();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, IEnumerable<TokenizerFile.AddedToken> added)
    {
        json.WriteStartArray("added_tokens");
        foreach (TokenizerFile.AddedToken token in added)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            foreach (string flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip"])
                json.WriteBoolean(flag, false);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string part)
    {
        json.WriteStartObject(part);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, IEnumerable<(string Token, int Id)> tokens, IEnumerable<string> merges)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (string absent in (ReadOnlySpan<string>)["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            json.WriteNull(absent);
        foreach (string flag in (ReadOnlySpan<string>)["fuse_unk", "byte_fallback", "ignore_merges"])
            json.WriteBoolean(flag, false);

        json.WriteStartObject("vocab");
        foreach ((string token, int id) in tokens)
            json.WriteNumber(token, id);
        json.WriteEndObject();

        // One string with a blank: every version of every reader takes it, and no token holds a true blank.
        json.WriteStartArray("merges");
        foreach (string merge in merges)
            json.WriteStringValue(merge);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
