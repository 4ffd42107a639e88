using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

public class SpikeEventsTests
{
    [Fact]
    public void EventsGoByFallingLevelPositiveFirstThenByPosition()
    {
        SpikeEvents events = new(capacity: 10, levels: 2);
        events.Fire([1f, -2f, 0f, 2f, -1f, 1f, 9f, -9f, 0.4f, -1f], threshold: 1f);

        Assert.Equal<ushort>([3, 6, 1, 7, 0, 5, 4, 9], events.Indices.ToArray());
        Assert.Equal<ushort>([2, 4, 6, 8], events.Ends.ToArray());
    }

    [Theory]
    [InlineData(1, 1f)]
    [InlineData(4, 0.7f)]
    [InlineData(8, 0.1f)]
    public void TheSpikesAreThoseOfTraining(int levels, float threshold)
    {
        // Quarters hit the ties; thirds do not.
        float[] x = [.. Enumerable.Range(-60, 121).Select(i => i * threshold / 4), .. Enumerable.Range(-60, 121).Select(i => i / 3f)];
        SpikeEvents events = new(x.Length, levels);
        events.Fire(x, threshold);

        Assert.Equal(Ops.TiLif(Tensor.From(x, x.Length), levels, threshold).Values.ToArray(), Counts(events, x.Length));
    }

    [Fact]
    public void ALaterVectorReplacesTheEarlierOne()
    {
        SpikeEvents events = new(capacity: 5, levels: 3);
        events.Fire([3f, -3f, 2f, 1f, -1f], 1f);
        events.Fire([0f, 1f], 1f);
        Assert.Equal([0f, 1f], Counts(events, 2));

        events.Fire([0f, 0.5f, -0.5f], 1f);
        Assert.Empty(events.Indices.ToArray());
    }

    [Fact]
    public void NotANumberDoesNotSpikeAndInfinityIsTheLargestLevel()
    {
        SpikeEvents events = new(capacity: 3, levels: 4);
        events.Fire([float.NaN, float.PositiveInfinity, float.NegativeInfinity], 1f);
        Assert.Equal([0f, 4f, -4f], Counts(events, 3));
    }

    [Fact]
    public void AVectorWhosePositionsDoNotFitIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new SpikeEvents(65_536, 1));

    /// <summary>The signed counts that the events stand for.</summary>
    private static float[] Counts(SpikeEvents events, int length)
    {
        float[] s = new float[length];
        int start = 0;
        for (int run = 0; run < events.Ends.Length; run++)
        {
            int level = events.Levels - run / 2;
            foreach (ushort index in events.Indices[start..events.Ends[run]])
                s[index] += run % 2 == 0 ? level : -level;
            start = events.Ends[run];
        }

        return s;
    }
}
