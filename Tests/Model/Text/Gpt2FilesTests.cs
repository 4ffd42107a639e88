using System.Text.Json.Nodes;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

/// <summary>A tokenizer in the files of GPT-2 and OPT: the same ids as in one file, kept as one file, and refused by name.</summary>
public sealed class Gpt2FilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parted_into_files_it_agrees_with_the_reference()
    {
        JsonNode whole = JsonNode.Parse(File.ReadAllBytes(Path.Combine(TokenizerVectors.Folder, "tiny_tokenizer.json")))!;
        Write("vocab.json", whole["model"]!["vocab"]!);
        _folder.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', whole["model"]!["merges"]!.AsArray().Select(Merge)) + "\n");
        Write("added_tokens.json", new JsonObject(whole["added_tokens"]!.AsArray().Select(t => KeyValuePair.Create<string, JsonNode?>((string)t!["content"]!, (int)t["id"]!))));
        _folder.Write("special_tokens_map.json", """{ "eos_token": "<|endoftext|>", "pad_token": { "content": "<|pad|>", "lstrip": false }, "additional_special_tokens": ["<|pad|>"] }""");

        TokenizerVectors vectors = TokenizerVectors.Load("tiny_vectors.json");
        Tokenizer tokenizer = Tokenizer.Load(ModelFolder.TokenizerOf(_folder.Path));
        Assert.All(vectors.Encode, vector => Assert.Equal(vector.Ids, tokenizer.Encode(vector.Text)));
        Assert.All(vectors.Decode, vector => Assert.Equal(vector.SkippingSpecial, tokenizer.Decode(vector.Ids, skipSpecialTokens: true)));
        Assert.Equal(0, tokenizer.EndOfTextId);

        TokenizerFile.Copy(_folder.File("vocab.json"), _folder.File("tokenizer.json"));
        Assert.Equal(_folder.File("tokenizer.json"), ModelFolder.FindTokenizer(_folder.Path));
        Tokenizer one = Tokenizer.Load(_folder.File("tokenizer.json"));
        Assert.Equal(tokenizer.Key, one.Key);
        Assert.All(vectors.Encode, vector => Assert.Equal(vector.Ids, one.Encode(vector.Text)));

        static string Merge(JsonNode? merge) => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!;
    }

    [Fact]
    public void What_ends_a_text_of_OPT_is_cut_out_of_it()
    {
        Valid();
        Tokenizer tokenizer = Tokenizer.Load(_folder.File("vocab.json"));
        Assert.Equal(2, tokenizer.EndOfTextId);
        Assert.Equal([2, 6, 4], tokenizer.Encode("</s>aba"));
        Assert.Equal("aba", tokenizer.Decode([2, 6, 4, 1], skipSpecialTokens: true));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"add_bos_token": true, "eos_token": "</s>", "unk_token": {"__type": "AddedToken", "content": "</s>"}, "pad_token": null, "model_max_length": 7}""")]
    public void WithoutAMapTheSettingsOrTheVocabularyNameTheEnd(string? settings)
    {
        Valid();
        File.Delete(_folder.File("special_tokens_map.json"));
        if (settings is not null)
            _folder.Write("tokenizer_config.json", settings);
        Tokenizer tokenizer = Tokenizer.Load(_folder.File("vocab.json"));
        Assert.Equal(2, tokenizer.EndOfTextId);
        Assert.Equal([2, 6, 4], tokenizer.Encode("</s>aba"));
    }

    [Fact]
    public void TheEndOfOptComesBeforeThatOfGpt2()
    {
        Valid();
        _folder.Write("vocab.json", """{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "ab": 6, "<|endoftext|>": 7}""");
        Assert.Equal(2, Tokenizer.Load(_folder.File("vocab.json")).EndOfTextId);
        File.Delete(_folder.File("special_tokens_map.json"));
        Assert.Equal(2, Tokenizer.Load(_folder.File("vocab.json")).EndOfTextId);

        Valid();
        _folder.Write("added_tokens.json", """{"<|endoftext|>": 7}""");   // added, but not what the map calls the end
        Assert.Equal(2, Tokenizer.Load(_folder.File("vocab.json")).EndOfTextId);
    }

    [Fact]
    public void AFolderAndANullAreFine()
    {
        Valid();
        _folder.Write("special_tokens_map.json", """{"eos_token": "</s>", "pad_token": null}""");
        Assert.Equal(2, Tokenizer.Load(_folder.Path).EndOfTextId);
        File.Delete(_folder.File("merges.txt"));
        Assert.Contains($"Folder '{_folder.Path}' has no tokenizer.json", Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNoTokenizerIsNotCopied()
    {
        string path = _folder.Write("merges.txt", "a b\n"), target = _folder.File("tokenizer.json");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => TokenizerFile.Copy(path, target)).Message, StringComparison.Ordinal);
        Assert.Contains("gone.json' does not exist", Assert.Throws<FileNotFoundException>(() => TokenizerFile.Copy(_folder.File("gone.json"), target)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(target));
    }

    [Theory]
    [InlineData("vocab.json", "[1]", "vocab.json is Array")]
    [InlineData("vocab.json", """{"a": "x"}""", "the id of 'a' is x")]
    [InlineData("vocab.json", "{", "not valid JSON")]
    [InlineData("vocab.json", """{"</s>": 2, "<pad>": 1, "a": 4, "b": 4, "ab": 6}""", "id 4 belongs to both 'a' and 'b'")]
    [InlineData("merges.txt", "a c\n", "merge 'a c' needs 'c'")]
    [InlineData("merges.txt", "#version: 0.2\na b\na b\n", "merge 'a b' is there twice")]
    [InlineData("special_tokens_map.json", """{"mask_token": "<mask>"}""", "'<mask>' is a special token, which neither")]
    [InlineData("special_tokens_map.json", """{"mask_token": {"content": "a", "lstrip": true}}""", "mask_token sets lstrip")]
    [InlineData("special_tokens_map.json", """{"mask_token": 7}""", "mask_token is 7")]
    [InlineData("tokenizer_config.json", """{"add_prefix_space": true}""", "add_prefix_space is true")]
    public void What_cannot_be_meant_is_named(string file, string content, string expected)
    {
        Valid();
        _folder.Write(file, content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Tokenizer.Load(_folder.File("vocab.json")));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.File("vocab.json"), error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => TokenizerFile.Copy(_folder.File("vocab.json"), _folder.File("tokenizer.json")));
        Assert.False(File.Exists(_folder.File("tokenizer.json")));
    }

    [Fact]
    public void Missing_files_are_named()
    {
        Assert.Contains("nor vocab.json with merges.txt", Assert.Throws<FileNotFoundException>(() => ModelFolder.TokenizerOf(_folder.Path)).Message, StringComparison.Ordinal);
        _folder.Write("vocab.json", "{}");
        Assert.Null(ModelFolder.FindTokenizer(_folder.Path));
        Assert.Contains("needs merges.txt beside it", Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(_folder.File("vocab.json"))).Message, StringComparison.Ordinal);
    }

    private void Valid()
    {
        _folder.Write("vocab.json", """{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "ab": 6}""");
        _folder.Write("merges.txt", "#version: 0.2\na b\n");
        _folder.Write("special_tokens_map.json", """{"bos_token": {"content": "</s>", "normalized": true}, "eos_token": "</s>", "pad_token": "<pad>"}""");
    }

    private void Write(string name, JsonNode json) => _folder.Write(name, json.ToJsonString());
}
