using CsCheck;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public sealed class StreamingDecoderTests
{
    private static readonly Tokenizer s_tiny = Tokenizer.Load(Path.Combine(TokenizerVectors.Folder, "tiny_tokenizer.json"));

    [Fact]
    public void The_pieces_of_a_text_make_the_text() =>
        Gen.String.Sample(text => Assert.Equal(s_tiny.Decode(s_tiny.Encode(text)), Stream(s_tiny.Encode(text))));

    [Fact]
    public void The_pieces_of_any_ids_make_what_Decode_gives() =>
        Gen.Int[0, s_tiny.VocabSize + 2].Array.Sample(ids => Assert.Equal(s_tiny.Decode(ids), Stream(ids)));

    [Fact]
    public void A_character_comes_out_whole()
    {
        int[] ids = s_tiny.Encode("𐍈");
        Assert.Equal(4, ids.Length);
        var decoder = new StreamingDecoder(s_tiny);
        Assert.Equal(["", "", "", "𐍈"], ids.Select(decoder.Append));
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void A_character_cut_short_ends_as_the_replacement_character_and_the_decoder_starts_anew()
    {
        var decoder = new StreamingDecoder(s_tiny);
        decoder.Append(s_tiny.Encode("𐍈")[0]);
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("a", decoder.Append(s_tiny.Encode("a")[0]));
    }

    [Fact]
    public void Special_tokens_can_be_left_out()
    {
        var decoder = new StreamingDecoder(s_tiny, skipSpecialTokens: true);
        Assert.Equal("", decoder.Append(s_tiny.EndOfTextId!.Value));
    }

    private static string Stream(int[] ids)
    {
        var decoder = new StreamingDecoder(s_tiny);
        return string.Concat(ids.Select(decoder.Append)) + decoder.Flush();
    }
}
