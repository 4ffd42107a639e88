using System.Text.Encodings.Web;
using System.Text.Json;
using SpikeEngine.Model.Checkpoints;

namespace SpikeEngine.Training.Tokenization;

/// <summary>Writes a vocabulary in Hugging Face's <c>tokenizer.json</c> form.</summary>
internal static class TokenizerJson
{
    // Not for a web page: Ġ may stay Ġ, as in everybody else's files.
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the file, whole or not at all.</summary>
    public static void Write(BytePairVocabulary vocabulary, string path) => AtomicFile.Write(path, stream =>
    {
        using Utf8JsonWriter json = new(stream, s_options);
        Write(json, vocabulary);
    });

    private static void Write(Utf8JsonWriter json, BytePairVocabulary vocabulary)
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAddedTokens(json);
        json.WriteNull("normalizer");
        foreach (string part in (ReadOnlySpan<string>)["pre_tokenizer", "post_processor", "decoder"])
            WriteByteLevel(json, part);
        WriteModel(json, vocabulary);
        json.WriteEndObject();
    }

    private static void WriteAddedTokens(Utf8JsonWriter json)
    {
        json.WriteStartArray("added_tokens");
        json.WriteStartObject();
        json.WriteNumber("id", 0);
        json.WriteString("content", BytePairVocabulary.EndOfText);
        foreach (string flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"])
            json.WriteBoolean(flag, false);
        json.WriteBoolean("special", true);
        json.WriteEndObject();
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

    private static void WriteModel(Utf8JsonWriter json, BytePairVocabulary vocabulary)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (string absent in (ReadOnlySpan<string>)["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
            json.WriteNull(absent);
        foreach (string flag in (ReadOnlySpan<string>)["fuse_unk", "byte_fallback", "ignore_merges"])
            json.WriteBoolean(flag, false);

        json.WriteStartObject("vocab");
        for (int id = 0; id < vocabulary.Tokens.Count; id++)
            json.WriteNumber(vocabulary.Tokens[id], id);
        json.WriteEndObject();

        // One string with a blank: every version of every reader takes it, and no token holds a true blank.
        json.WriteStartArray("merges");
        foreach ((string left, string right) in vocabulary.Merges)
            json.WriteStringValue($"{left} {right}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
