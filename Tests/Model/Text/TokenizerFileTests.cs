using System.Text.Json.Nodes;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

/// <summary>Small files made by hand: what they mean, and what is refused.</summary>
public sealed class TokenizerFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Merges_may_be_strings_or_arrays_of_two()
    {
        JsonObject arrays = Valid();
        arrays["model"]!["merges"] = new JsonArray(new JsonArray("a", "b"), new JsonArray("ab", "c"));
        Assert.Equal(Load(Valid()).Encode("abcab"), Load(arrays).Encode("abcab"));
        Assert.Equal([4, 3], Load(Valid()).Encode("abcab"));
    }

    [Fact]
    public void Text_is_normalised_only_if_the_file_asks()
    {
        JsonObject json = Valid();
        json["model"]!["vocab"]!["Ã"] = 6;
        json["model"]!["vocab"]!["©"] = 7;
        Assert.DoesNotContain(7, Load(json).Encode("e\u0301"));

        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        Assert.Equal([6, 7], Load(json).Encode("e\u0301"));
    }

    [Fact]
    public void Added_tokens_are_found_longest_first_and_before_normalisation()
    {
        JsonObject json = Valid();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        AddToken(json, "  ", 10, normalized: true);
        AddToken(json, "   ", 11, normalized: true);
        Tokenizer tokenizer = Load(json);

        Assert.Equal([0, 11, 1, 1, 10, 2], tokenizer.Encode("a   bb  c"));

        // NFC would join '>' and the stroke into one character, and the token would be lost.
        Assert.Equal(5, tokenizer.Encode("<|endoftext|>\u0338")[0]);
    }

    [Fact]
    public void The_vocabulary_reaches_up_to_its_highest_id()
    {
        JsonObject json = Valid();
        AddToken(json, "<gap>", 20, normalized: false);
        Tokenizer tokenizer = Load(json);
        Assert.Equal(21, tokenizer.VocabSize);
        Assert.Equal("a<gap>", tokenizer.Decode([0, 15, 20]));
        Assert.Equal(5, tokenizer.EndOfTextId);
    }

    [Fact]
    public void Without_an_end_of_text_token_there_is_no_id_for_it()
    {
        JsonObject json = Valid();
        json.Remove("added_tokens");
        Assert.Null(Load(json).EndOfTextId);
    }

    [Theory]
    [InlineData("not json", "not valid JSON")]
    [InlineData("[]", "the file is Array")]
    [InlineData("{}", "'model' is missing")]
    [InlineData("""{"model":{"type":"WordPiece"}}""", "'WordPiece'")]
    [InlineData("""{"model":{"type":"BPE"}}""", "'pre_tokenizer' is missing")]
    [InlineData("""{"model":{"byte_fallback":true}}""", "byte_fallback")]
    public void A_bad_file_is_named_with_its_offence(string json, string offence)
    {
        string path = _folder.Write("bad.json", json);
        var e = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(path));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(offence, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.merges", """["a z"]""", "'z'")]
    [InlineData("model.merges", """["a b", "a b"]""", "there twice")]
    [InlineData("model.merges", """["a"]""", "merge 'a'")]
    [InlineData("model.merges", """[["a"]]""", "merges[0]")]
    [InlineData("model.merges", """[[1, 2]]""", "String")]
    [InlineData("model.vocab", """{"a": "x"}""", "'a'")]
    [InlineData("model.vocab", """{"a": 1.5}""", "'a'")]
    [InlineData("model.vocab", """{"a": -1}""", "-1")]
    [InlineData("model.vocab", """{"a": 0, "b": 0}""", "both 'a' and 'b'")]
    [InlineData("model.vocab", """{"a": 0, "a": 0}""", "'a'")]
    [InlineData("model.vocab", "{}", "empty")]
    [InlineData("model.vocab", "[]", "'vocab' is Array")]
    [InlineData("added_tokens", """[{"id": 3, "content": "zz"}]""", "'zz'")]
    [InlineData("added_tokens", """[{"id": 9, "content": ""}]""", "empty content")]
    [InlineData("added_tokens", """[{"id": 9, "content": "q", "lstrip": true}]""", "lstrip")]
    [InlineData("added_tokens", """[{"content": "q"}]""", "'id' is missing")]
    [InlineData("pre_tokenizer", """{"type": "Whitespace"}""", "'Whitespace'")]
    [InlineData("pre_tokenizer", """{"type": "ByteLevel", "add_prefix_space": true}""", "add_prefix_space")]
    [InlineData("normalizer", """{"type": "Lowercase"}""", "'Lowercase'")]
    public void A_bad_part_is_named(string part, string json, string offence)
    {
        JsonObject file = Valid();
        JsonObject parent = part.StartsWith("model.", StringComparison.Ordinal) ? file["model"]!.AsObject() : file;
        parent[part.Split('.')[^1]] = "PLACEHOLDER";
        string path = _folder.Write("bad.json", file.ToJsonString().Replace("\"PLACEHOLDER\"", json, StringComparison.Ordinal));

        var e = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(path));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(offence, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var e = Assert.Throws<FileNotFoundException>(() => Tokenizer.Load("nowhere.json"));
        Assert.Contains("nowhere.json", e.Message, StringComparison.Ordinal);
    }

    private static JsonObject Valid() => JsonNode.Parse("""
        {
          "added_tokens": [{"id": 5, "content": "<|endoftext|>", "special": true, "normalized": false}],
          "normalizer": null,
          "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
          "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4}, "merges": ["a b", "ab c"]}
        }
        """)!.AsObject();

    private static void AddToken(JsonObject json, string content, int id, bool normalized) =>
        json["added_tokens"]!.AsArray().Add((JsonNode)new JsonObject { ["id"] = id, ["content"] = content, ["normalized"] = normalized });

    private Tokenizer Load(JsonObject json) => Tokenizer.Load(_folder.Write("tokenizer.json", json.ToJsonString()));
}
