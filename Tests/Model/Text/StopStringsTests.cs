using CsCheck;
using SpikeEngine.Model.Text;

namespace SpikeEngine.Tests.Model.Text;

public sealed class StopStringsTests
{
    [Fact]
    public void Text_that_may_become_a_stop_string_is_held_back_until_that_is_decided()
    {
        StopStrings stops = new(["\n\nUser:"]);
        Assert.Equal(["a", "", "", "\n\nUs!", "b"], ((string[])["a\n", "\n", "Us", "!", "b\n"]).Select(stops.Append));
        Assert.Equal("\n", stops.Flush());
        Assert.False(stops.Found);
    }

    [Fact]
    public void A_stop_string_over_several_pieces_is_found_and_nothing_of_it_passes()
    {
        StopStrings stops = new(["END", "STOP"]);
        Assert.Equal(["x", "", "", ""], ((string[])["xS", "T", "OPy", "z"]).Select(stops.Append));
        Assert.True(stops.Found);
        Assert.Equal("", stops.Flush());
    }

    [Fact]
    public void A_beginning_may_lie_within_a_beginning() =>
        Assert.Equal(("aab", true), Run(["aabaab", "aac"], ["aabaac"]));

    [Fact]
    public void The_first_to_be_complete_wins_then_the_longest()
    {
        Assert.Equal(("a", true), Run(["abc", "b"], ["abc"]));
        Assert.Equal(("a", true), Run(["c", "bc"], ["abc"]));
    }

    [Fact]
    public void Characters_outside_the_basic_plane_are_never_cut()
    {
        // Both emoji begin with the same surrogate.
        StopStrings stops = new(["😀"]);
        Assert.Equal("a😁", stops.Append("a😁"));
        Assert.Equal("b", stops.Append("b😀"));
        Assert.True(stops.Found);
    }

    [Fact]
    public void How_a_text_is_cut_into_pieces_does_not_matter() =>
        (from strings in Gen.Char["ab"].Array[1, 4].Select(chars => new string(chars)).Array[0, 3]
         from pieces in Gen.Char["ab"].Array[0, 5].Select(chars => new string(chars)).Array[0, 8]
         select (strings, pieces)).Sample(x =>
         {
             string text = string.Concat(x.pieces);
             (int End, int Start) first = Enumerable.Range(1, text.Length)
                 .SelectMany(end => x.strings.Where(s => text[..end].EndsWith(s, StringComparison.Ordinal)).Select(s => (end, end - s.Length)))
                 .Append((int.MaxValue, text.Length)).Min();
             Assert.Equal((text[..first.Start], first.End < int.MaxValue), Run(x.strings, x.pieces));
         });

    private static (string Text, bool Found) Run(string[] strings, string[] pieces)
    {
        StopStrings stops = new(strings);
        string text = string.Concat(pieces.Select(stops.Append)) + stops.Flush();
        return (text, stops.Found);
    }
}
