using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Engine;

public class SeededRandomTests
{
    private const int Draws = 100_000;

    [Fact]
    public void UniformNumbersHaveTheirMoments()
    {
        SeededRandom random = new(1, "uniform");
        double[] x = [.. Enumerable.Range(0, Draws).Select(_ => (double)random.NextFloat())];

        Assert.All(x, v => Assert.InRange(v, 0, 0.99999999));
        Assert.Equal(0.5, x.Average(), 0.005);
        Assert.Equal(1.0 / 12, x.Average(v => (v - 0.5) * (v - 0.5)), 0.002);
    }

    [Fact]
    public void NormalNumbersHaveTheirMoments()
    {
        SeededRandom random = new(1, "normal");
        double[] x = [.. Enumerable.Range(0, Draws).Select(_ => (double)random.NextNormal())];

        Assert.Equal(0, x.Average(), 0.02);
        Assert.Equal(1, x.Average(v => v * v), 0.03);
        Assert.Equal(0, x.Average(v => v * v * v), 0.06);
        Assert.Equal(3, x.Average(v => v * v * v * v), 0.2);
    }

    [Fact]
    public void WholeNumbersAreEquallyLikely()
    {
        SeededRandom random = new(1, "int");
        int[] counts = new int[7];
        for (int i = 0; i < Draws; i++)
            counts[random.NextInt(7)]++;
        Assert.All(counts, count => Assert.InRange(count, Draws / 7 * 0.95, Draws / 7 * 1.05));
    }

    [Fact]
    public void StreamsDoNotDependOnTheOrderOfCalls()
    {
        SeededRandom first = new(3, "a"), second = new(3, "b");
        ulong[] alone = [.. Enumerable.Range(0, 10).Select(_ => first.NextUInt64())];
        SeededRandom again = new(3, "a");
        Assert.Equal(alone, Enumerable.Range(0, 10).Select(_ =>
        {
            second.NextUInt64();
            return again.NextUInt64();
        }));
    }

    [Fact]
    public void APositionCanBeGoneBackTo()
    {
        SeededRandom random = new(3, "a");
        random.NextNormal();
        ulong position = random.Position;
        ulong[] after = [.. Enumerable.Range(0, 10).Select(_ => random.NextUInt64())];
        Assert.Equal(2UL, position);

        random.Position = position;
        Assert.Equal(after, Enumerable.Range(0, 10).Select(_ => random.NextUInt64()));
        Assert.Equal(after, Enumerable.Range(0, 10).Select(_ => new SeededRandom(3, "a") { Position = position++ }.NextUInt64()));
    }

    [Fact]
    public void AKeyGivesItsNumbersInAnyOrder()
    {
        RandomKey key = new SeededRandom(3, "a").NextKey();
        ulong[] up = [.. Enumerable.Range(0, 10).Select(i => key.At((ulong)i))];
        Assert.Equal(up, Enumerable.Range(0, 10).Reverse().Select(i => key.At((ulong)i)).Reverse());
        Assert.Equal(10, up.Distinct().Count());
    }

    [Fact]
    public void SeedsAndNamesMakeDifferentStreams() =>
        Assert.Equal(4, new[] { (1UL, "a"), (2UL, "a"), (1UL, "b"), (2UL, "b") }.Select(s => new SeededRandom(s.Item1, s.Item2).NextUInt64()).Distinct().Count());

    [Fact]
    public void AShuffleKeepsEveryItem()
    {
        int[] items = [.. Enumerable.Range(0, 100)];
        new SeededRandom(1, "shuffle").Shuffle(items.AsSpan());

        Assert.NotEqual(Enumerable.Range(0, 100), items);
        Assert.Equal(Enumerable.Range(0, 100), items.Order());
    }
}
