using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public sealed class ByteLevelAlphabetTests
{
    [Fact]
    public void Every_byte_has_its_own_character_and_comes_back()
    {
        char[] chars = [.. Enumerable.Range(0, 256).Select(value => ByteLevelAlphabet.ToChar((byte)value))];
        Assert.Equal(256, chars.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 256).Select(value => (byte)value), ByteLevelAlphabet.ToBytes(new string(chars)));
    }

    [Theory]
    [InlineData(" a\n", "ĠaĊ")]
    [InlineData("é", "Ã©")]
    public void Text_looks_as_in_the_files_of_others(string text, string token)
    {
        Assert.Equal(token, string.Concat(System.Text.Encoding.UTF8.GetBytes(text).Select(ByteLevelAlphabet.ToChar)));
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(ByteLevelAlphabet.ToBytes(token)!));
    }

    [Fact]
    public void Other_characters_are_not_of_the_alphabet() => Assert.Null(ByteLevelAlphabet.ToBytes("a b"));
}
