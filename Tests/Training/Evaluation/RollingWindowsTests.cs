using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Tests.Training.Evaluation;

public class RollingWindowsTests
{
    private const int Prefix = -1;

    [Fact]
    public void AShortTextIsOneWindowBehindThePrefix()
    {
        Continuation window = Assert.Single(RollingWindows.Of(Ids(5), Prefix, 8));
        Assert.Equal([Prefix], window.Context);
        Assert.Equal(Ids(5), window.Tokens);
        Assert.Equal(5, ContinuationBatch.Length(window));
    }

    [Fact]
    public void FullWindowsHaveOneTokenOfContextAndTheLastOneAsMuchAsFits()
    {
        Continuation[] windows = [.. RollingWindows.Of(Ids(11), Prefix, 4)];
        Assert.Equal([[Prefix], [3], [6, 7]], windows.Select(w => w.Context));
        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]], windows.Select(w => w.Tokens));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 4)]
    [InlineData(100, 7)]
    [InlineData(98, 7)]
    public void EachTokenIsPredictedOnceFromWhatStandsBeforeIt(int length, int window)
    {
        int next = 0;
        foreach ((int[] context, int[] tokens) in RollingWindows.Of(Ids(length), Prefix, window))
        {
            Assert.Equal(Enumerable.Range(next - context.Length, context.Length), context);
            Assert.Equal(Enumerable.Range(next, tokens.Length), tokens);
            Assert.True(context.Length + tokens.Length - 1 <= window);
            Assert.True(next == 0 || context.Length + tokens.Length - 1 == window);
            next += tokens.Length;
        }

        Assert.Equal(length, next);
    }

    [Fact]
    public void AnEmptyTextHasNoWindow() => Assert.Empty(RollingWindows.Of(Ids(0), Prefix, 4));

    [Fact]
    public void BlocksAreWholeAndAShortTextIsOne()
    {
        Assert.Equal([[1, 2], [4, 5], [7, 8]], RollingWindows.Blocks(Ids(11), 3).Select(b => b.Tokens));
        Assert.Equal([[0], [3], [6]], RollingWindows.Blocks(Ids(11), 3).Select(b => b.Context));
        Assert.Equal([1, 2], Assert.Single(RollingWindows.Blocks(Ids(3), 8)).Tokens);
        Assert.Empty(RollingWindows.Blocks(Ids(1), 8));
    }

    private static int[] Ids(int count) => [.. Enumerable.Range(0, count)];
}
