using CsCheck;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public sealed class TokenizerTests
{
    private static readonly string s_tinyFile = Path.Combine(TokenizerVectors.Folder, "tiny_tokenizer.json");
    private static readonly Tokenizer s_tiny = Tokenizer.Load(s_tinyFile);

    [Fact]
    public void The_tiny_tokenizer_agrees_with_the_reference()
    {
        TokenizerVectors vectors = TokenizerVectors.Load("tiny_vectors.json");
        Assert.NotEmpty(vectors.Encode);
        AssertAgrees(s_tiny, vectors);
    }

    [ReferenceFact("tokenizer/tokenizer.json")]
    public void GptNeoX_agrees_with_the_reference()
    {
        Tokenizer tokenizer = Tokenizer.Load(Path.Combine(TokenizerVectors.ReferenceFolder!, "tokenizer", "tokenizer.json"));
        Assert.Equal(50277, tokenizer.VocabSize);
        Assert.Equal(0, tokenizer.EndOfTextId);
        TokenizerVectors vectors = TokenizerVectors.Load("vectors.json");
        Assert.NotEmpty(vectors.Encode);
        Assert.NotEmpty(vectors.Decode);
        AssertAgrees(tokenizer, vectors);
    }

    [Fact]
    public void Decoding_gives_back_any_string() =>
        Gen.String.Sample(text => Assert.Equal(WithoutLoneSurrogates(text), s_tiny.Decode(s_tiny.Encode(text))));

    [Fact]
    public void A_lone_surrogate_is_read_as_the_replacement_character() =>
        Assert.Equal(s_tiny.Encode("a\uFFFDb"), s_tiny.Encode("a\uD83Db"));

    [Fact]
    public void Special_tokens_can_be_left_out_of_the_text()
    {
        int[] ids = s_tiny.Encode("one<|endoftext|>two");
        Assert.Contains(s_tiny.EndOfTextId!.Value, ids);
        Assert.Equal("one<|endoftext|>two", s_tiny.Decode(ids));
        Assert.Equal("onetwo", s_tiny.Decode(ids, skipSpecialTokens: true));
    }

    [Fact]
    public void Ids_outside_the_vocabulary_decode_to_nothing() =>
        Assert.Equal("", s_tiny.Decode([s_tiny.VocabSize, -1, int.MaxValue]));

    [Fact]
    public void Several_threads_may_encode_at_once()
    {
        string[] texts = [.. TokenizerVectors.Load("tiny_vectors.json").Encode.Select(e => e.Text)];
        int[][] expected = Array.ConvertAll(texts, s_tiny.Encode);
        Tokenizer fresh = Tokenizer.Load(s_tinyFile);
        Parallel.For(0, 40 * texts.Length, i => Assert.Equal(expected[i % texts.Length], fresh.Encode(texts[i % texts.Length])));
    }

    private static void AssertAgrees(Tokenizer tokenizer, TokenizerVectors vectors)
    {
        foreach (TokenizerVectors.Encoded vector in vectors.Encode)
        {
            Assert.Equal(vector.Ids, tokenizer.Encode(vector.Text));
            AssertDecodes(tokenizer, vector.Ids, vector.Decoded, skipSpecialTokens: false);
            if (vector.SkippingSpecial is { } rest)
                AssertDecodes(tokenizer, vector.Ids, rest, skipSpecialTokens: true);
        }

        foreach (TokenizerVectors.Decoded vector in vectors.Decode)
        {
            AssertDecodes(tokenizer, vector.Ids, vector.Text, skipSpecialTokens: false);
            AssertDecodes(tokenizer, vector.Ids, vector.SkippingSpecial, skipSpecialTokens: true);
        }
    }

    private static void AssertDecodes(Tokenizer tokenizer, int[] ids, string expected, bool skipSpecialTokens)
    {
        Assert.Equal(expected, tokenizer.Decode(ids, skipSpecialTokens));
        StreamingDecoder stream = new(tokenizer, skipSpecialTokens);
        Assert.Equal(expected, string.Concat(ids.Select(stream.Append)) + stream.Flush());
    }

    private static string WithoutLoneSurrogates(string text) => string.Concat(text.EnumerateRunes());
}
