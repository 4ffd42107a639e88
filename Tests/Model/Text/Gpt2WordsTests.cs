using System.Text.RegularExpressions;
using CsCheck;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public sealed partial class Gpt2WordsTests
{
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Pattern();

    // Where blanks, apostrophes and letters meet; then any character below U+10000 but the surrogates.
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Char[" \t\n\r'srveltmd1½.-\u00A0\u0085\u3000\u001C\u180E\u200B\u0301éЖ中\u0661Ⅷ"],
        Gen.Char['\0', '\uD7FF']).Array.Select(chars => new string(chars));

    [Fact]
    public void Words_are_those_of_the_pattern() =>
        s_text.Sample(text => Assert.Equal(Pattern().Matches(text).Select(m => m.Value), Words(text)), iter: 20_000);

    [Theory]
    [InlineData("a𝒜b", "a𝒜b")]
    [InlineData("x 𝒜😀", "x| 𝒜|😀")]
    [InlineData("1𝟘 2", "1𝟘| 2")]
    [InlineData("it's  a\n\n b", "it|'s| | a|\n\n| b")]
    [InlineData("end  ", "end|  ")]
    public void Characters_above_the_basic_plane_are_one_symbol(string text, string words) =>
        Assert.Equal(words.Split('|'), Words(text));

    private static IEnumerable<string> Words(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int length = Gpt2Words.NextLength(text.AsSpan(start));
            yield return text.Substring(start, length);
            start += length;
        }
    }
}
