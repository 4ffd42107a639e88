using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public class TokenStreamTests
{
    private const int End = 0;

    // Documents of 1, 2, 3, ... ids, each with its end.
    private static readonly int[] s_ids = [.. Enumerable.Range(1, 60).SelectMany(n => Enumerable.Range(1, n).Append(End))];

    [Fact]
    public void Documents_begin_at_the_beginning_and_after_each_end()
    {
        TokenList tokens = new(s_ids, End);
        for (int start = 0; start < s_ids.Length; start += 7)
        {
            bool[] begins = new bool[s_ids.Length - start];
            tokens.MarkStarts(start, begins);
            Assert.Equal(Enumerable.Range(start, begins.Length).Select(i => i == 0 || s_ids[i - 1] == End), begins);
        }

        Assert.Equal(0, tokens.NextStart(0));
        Assert.Equal(2, tokens.NextStart(1));
        Assert.Equal(s_ids.Length, tokens.NextStart(s_ids.Length - 5));
    }

    [Fact]
    public void A_stream_without_ends_is_one_document()
    {
        bool[] begins = [true, true, true];
        new TokenList(s_ids).MarkStarts(0, begins);
        Assert.Equal([true, false, false], begins);
    }

    [Fact]
    public void Streams_of_the_same_ids_have_the_same_key()
    {
        Assert.Equal(new TokenList(s_ids, End).Key, new TokenList([.. s_ids], End).Key);
        Assert.Equal(3, new[] { new TokenList(s_ids, End).Key, new TokenList(s_ids).Key, new TokenList(s_ids[1..], End).Key }.Distinct().Count());
    }

    [Fact]
    public void The_last_documents_are_held_out()
    {
        (TokenRange train, TokenRange validation) = TokenRange.HoldOut(new TokenList(s_ids, End), 0.2);

        Assert.Equal(s_ids, All(train).Concat(All(validation)));
        Assert.Equal(End, All(train)[^1]);
        Assert.InRange(validation.Count, s_ids.Length * 0.1, s_ids.Length * 0.2);
        Assert.NotEqual(train.Key, validation.Key);
        Assert.Equal(End, validation.EndOfTextId);
    }

    [Fact]
    public void Of_a_single_document_the_end_is_held_out()
    {
        (TokenRange train, TokenRange validation) = TokenRange.HoldOut(new TokenList([.. Enumerable.Range(1, 100)], End), 0.1);
        Assert.Equal((90, 10), (train.Count, validation.Count));
    }

    [Fact]
    public void What_is_outside_is_refused()
    {
        TokenList tokens = new([1, 2, 3], End);
        foreach (ITokenStream stream in (ITokenStream[])[tokens, new TokenRange(tokens, 0, 3)])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read(2, new int[2]));
            Assert.Throws<ArgumentOutOfRangeException>(() => stream.Read(-1, new int[1]));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenRange(tokens, 1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokens.MarkStarts(2, new bool[2]));
    }

    private static int[] All(TokenRange tokens)
    {
        int[] ids = new int[tokens.Count];
        tokens.Read(0, ids);
        return ids;
    }
}
