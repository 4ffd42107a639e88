using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Engine;

/// <summary>The mask: how much it keeps, and that nothing but the key decides what.</summary>
[Collection(Lanes.Name)]
public class DropoutTests
{
    private const int Count = 200_001;

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void TheShareThatStaysIsOneMinusP(float p)
    {
        float[] y = Mask(p);
        int kept = y.Count(v => v != 0f);

        // Four deviations of a binomial distribution; what stays is scaled so that the mean does.
        double expected = Count * (1.0 - p), deviation = Math.Sqrt(expected * p);
        Assert.InRange(kept, expected - 4 * deviation, expected + 4 * deviation);
        Assert.All(y.Where(v => v != 0f), v => Assert.Equal(1f / (1f - p), v));
    }

    [Fact]
    public void NeighboursAreIndependent()
    {
        // Both halves of a hash, and one hash and the next: pairs that stay together are a quarter of all.
        bool[] kept = Array.ConvertAll(Mask(0.5f), v => v != 0f);
        foreach (int distance in new[] { 1, 2, 3, 64 })
        {
            int both = Enumerable.Range(0, Count - distance).Count(i => kept[i] && kept[i + distance]);
            Assert.Equal(0.25, both / (double)Count, 0.005);
        }
    }

    [Fact]
    public void ThreadsAndLanesDoNotChangeTheMask()
    {
        float[] expected = Lanes.WithThreads(1, () => Mask(0.3f));
        foreach (int threads in new[] { 2, 3, 8 })
            Assert.Equal(expected, Lanes.WithThreads(threads, () => Mask(0.3f)));
        Lanes.AtEveryWidth(() => Assert.Equal(expected, Mask(0.3f)));

        DropoutMask mask = new(new SeededRandom(9, "mask").NextKey(), (uint)(0.3f * 4_294_967_296.0));
        Assert.Equal(expected, Enumerable.Range(0, Count).Select(i => mask.Keeps(i) ? 1f / (1f - 0.3f) : 0f));
    }

    [Fact]
    public void CallsDifferAndThePositionBringsAMaskBack()
    {
        SeededRandom random = new(9, "mask");
        Tensor x = Ones(1_000);
        float[] first = Ops.Dropout(x, 0.5f, random).Values.ToArray(), second = Ops.Dropout(x, 0.5f, random).Values.ToArray();
        Assert.NotEqual(first, second);
        Assert.Equal(2UL, random.Position);

        random.Position = 1;
        Assert.Equal(second, Ops.Dropout(x, 0.5f, random).Values.ToArray());
    }

    [Fact]
    public void TheModuleIsTheIdentityWithoutATape()
    {
        SeededRandom random = new(9, "mask");
        Dropout dropout = new(0.5f, random);
        Tensor x = Ones(1_000);
        Assert.Same(x, dropout.Forward(x));
        Assert.Equal(0UL, random.Position);
        Assert.Empty(dropout.Parameters());

        using Tape tape = Tape.Begin();
        Assert.NotSame(x, dropout.Forward(x));
    }

    [Fact]
    public void NothingIsDroppedAtZero() => Assert.All(Mask(0f), v => Assert.Equal(1f, v));

    [Theory]
    [InlineData(1f)]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    public void OtherSharesAreRefused(float p)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Mask(p));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(p, new SeededRandom(1, "a")));
    }

    private static float[] Mask(float p) => Ops.Dropout(Ones(Count), p, new SeededRandom(9, "mask")).Values.ToArray();

    private static Tensor Ones(int count) => Tensor.From([.. Enumerable.Repeat(1f, count)], count);
}
