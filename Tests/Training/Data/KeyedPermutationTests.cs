using SpikeEngine.Kernels;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Tests.Training.Data;

public class KeyedPermutationTests
{
    [Fact]
    public void Every_number_comes_once()
    {
        foreach (int count in (int[])[.. Enumerable.Range(1, 70), 255, 256, 257, 1000, 65_537])
        {
            KeyedPermutation order = new(new RandomKey(7), count);
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), Enumerable.Range(0, count).Select(i => order.At(i)).Order());
        }
    }

    [Fact]
    public void Huge_counts_stay_within_them()
    {
        foreach (long count in (long[])[(1L << 40) + 3, 1L << 62])
        {
            KeyedPermutation order = new(new RandomKey(1), count);
            long[] some = [.. Enumerable.Range(0, 1000).Select(i => order.At(count - 1 - i))];
            Assert.All(some, number => Assert.InRange(number, 0, count - 1));
            Assert.Equal(1000, some.Distinct().Count());
            Assert.InRange(some.Average(n => (double)n) / count, 0.45, 0.55);
        }
    }

    [Fact]
    public void Over_many_keys_each_number_is_anywhere()
    {
        const int Count = 10, Keys = 20_000;
        int[,] seen = new int[Count, Count];
        for (ulong key = 0; key < Keys; key++)
        {
            KeyedPermutation order = new(new SeededRandom(key, "order").NextKey(), Count);
            for (int i = 0; i < Count; i++)
                seen[i, order.At(i)]++;
        }

        Assert.All(seen.Cast<int>(), times => Assert.InRange(times, Keys / Count * 0.9, Keys / Count * 1.1));
    }

    [Fact]
    public void Neighbours_are_not_kept_together()
    {
        KeyedPermutation order = new(new RandomKey(5), 10_000);
        Assert.InRange(Enumerable.Range(0, 9_999).Count(i => order.At(i + 1) == order.At(i) + 1), 0, 10);
    }

    [Fact]
    public void Places_outside_are_refused()
    {
        KeyedPermutation order = new(new RandomKey(5), 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => order.At(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => order.At(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedPermutation(new RandomKey(5), 0));
    }
}
