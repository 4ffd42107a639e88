using System.Text.Json.Nodes;
using CsCheck;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Tokenization;

namespace SpikeEngine.Tests.Model.Text;

/// <summary>A text parted where the tokenizer allows has the ids of the whole.</summary>
public sealed class TextCutsTests : IDisposable
{
    private static readonly string[] s_bits =
        [" ", "  ", "\n", "\r\n", "\t", "a", "Ab", "'", "'s", "'re", "12", "!?", "é", "e", "\u0301", "\u00A0", "\u2003", "😀", "が", "か\u3099", "<|endoftext|>", "<|", "|>", "x y"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parts_have_the_ids_of_the_whole(bool addedTokensWithWhiteSpace)
    {
        Tokenizer tokenizer = WithNfc(addedTokensWithWhiteSpace ? ["\n\n", "  ", "   ", "x y", "|> \n", "a\n\n"] : ["\n\n", "  ", "   "]);
        int cuts = 0;
        Gen.Int[0, s_bits.Length - 1].Array[0, 40].Sample(bits =>
        {
            string text = string.Concat(bits.Select(i => s_bits[i]));
            for (int most = 1; most <= text.Length; most++)
            {
                int cut = tokenizer.LastCut(text, most);
                Assert.InRange(cut, 0, most);
                if (cut > 0)
                    Assert.Equal(tokenizer.Encode(text), tokenizer.Encode(text[..cut]).Concat(tokenizer.Encode(text[cut..])));
                cuts += cut > 0 ? 1 : 0;
            }
        }, iter: 300, threads: 1);
        Assert.True(cuts > 1000);
    }

    [Fact]
    public void The_last_place_before_white_space_is_taken()
    {
        Tokenizer tokenizer = WithNfc([]);
        Assert.Equal(3, tokenizer.LastCut("one two", 100));
        Assert.Equal(3, tokenizer.LastCut("one  two", 100));
        Assert.Equal(3, tokenizer.LastCut("one two three", 6));
        Assert.Equal(7, tokenizer.LastCut("one two three", 7));
        Assert.Equal(0, tokenizer.LastCut(" one", 100));
        Assert.Equal(0, tokenizer.LastCut("", 100));
    }

    [Fact]
    public void A_place_that_may_lie_within_an_added_token_is_not_taken()
    {
        Tokenizer tokenizer = WithNfc(["x y"]);
        Assert.Equal(3, tokenizer.LastCut("one x y", 100));
        Assert.Equal(5, tokenizer.LastCut("one x z", 100));
        Assert.Equal(3, tokenizer.LastCut("one x ", 100));   // a y may follow
    }

    [Fact]
    public void The_key_is_that_of_the_file()
    {
        string key = WithNfc([]).Key;
        Assert.Equal(32, key.Length);
        Assert.Equal(key, WithNfc([]).Key);
        Assert.NotEqual(key, WithNfc(["<q>"]).Key);
    }

    private Tokenizer WithNfc(string[] added)
    {
        string path = _folder.File("tokenizer.json");
        BytePairTrainer.Train(["a b aa ab Ab x y 12 's", "  aa\n\nbb"], 280).Save(path);
        JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        foreach ((int i, string token) in added.Index())
            json["added_tokens"]!.AsArray().Add((JsonNode)new JsonObject { ["id"] = 1000 + i, ["content"] = token, ["normalized"] = i % 2 == 0 });
        File.WriteAllText(path, json.ToJsonString());
        return Tokenizer.Load(path);
    }
}
