using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

[Collection(Lanes.Name)]
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

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(67)]   // registers of every width, and a tail
    public void TheSpikesThatAreKeptHaveNoNaNEither(int length)
    {
        float[] x = [.. Enumerable.Range(0, length).Select(i => i % 2 == 0 ? float.NaN : i % 5 - 2)];
        SpikeEvents events = new(length, levels: 2);
        events.Fire(x, threshold: 1f);
        Assert.Equal(x.Select(v => float.IsNaN(v) ? 0f : v), events.Spikes.ToArray());
        Assert.Equal(events.Spikes.ToArray(), Counts(events, length));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void AThresholdThatIsNoneIsRefused(float threshold)
    {
        SpikeEvents events = new(capacity: 2, levels: 4);
        events.Fire([3f, 0f], 1f);
        Assert.Equal("threshold", Assert.Throws<ArgumentOutOfRangeException>(() => events.Fire([1f], threshold)).ParamName);
        Assert.Equal([3f, 0f], events.Spikes.ToArray());   // those before
    }

    [Fact]
    public void AVectorThatIsTooLongIsRefusedByBothLengths()
    {
        SpikeEvents events = new(capacity: 2, levels: 4);
        string message = Assert.Throws<ArgumentException>(() => events.Fire(new float[3], 1f)).Message;
        Assert.StartsWith("x has 3 elements; there is room for 2.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    public void LevelsThatDoNotFitAByteWithTheirSignAreRefused(int levels)
    {
        Assert.Equal("levels", Assert.Throws<ArgumentOutOfRangeException>(() => new SpikeEvents(1, levels)).ParamName);
        Assert.Equal(127, new SpikeEvents(1, 127).Levels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]   // more runs than are searched for one by one
    [InlineData(127)]
    public void EventsAreAStableSortByRuns(int levels) => Lanes.AtEveryWidth(() =>
    {
        foreach ((int inputs, int length) in new[] { (1, 64), (7, 64), (8, 64), (9, 64), (100, 64), (203, 64), (203, 31), (203, 33), (203, 203) })
        {
            foreach (double density in new[] { 0, 0.2, 1 })
            {
                SpikeBlocks blocks = new(3, inputs, levels, BlockLength: length);
                float[] spikes = RandomSpikes.Array(3 * inputs, levels, density);
                ushort[] events = new ushort[blocks.EventsLength], ends = new ushort[blocks.EndsLength];
                Simd.Run(new SpikeEncode { Blocks = blocks, Spikes = spikes, Start = 0, End = 3, Events = events, Ends = ends });
                for (int slot = 0; slot < 3 * blocks.Blocks; slot++)
                {
                    (int block, int vector) = Math.DivRem(slot, 3);
                    float[] own = spikes[(vector * inputs)..][..inputs].Skip(length * block).Take(length).ToArray();
                    int[] expected = [.. Enumerable.Range(0, own.Length).Where(i => own[i] != 0).OrderBy(i => -Math.Abs(own[i])).ThenBy(i => own[i] < 0)];
                    ushort[] runEnds = ends[(slot * 2 * levels)..][..(2 * levels)];
                    Assert.Equal(expected, events[(slot * blocks.SlotLength)..][..runEnds[^1]].Select(i => (int)i));
                    for (int run = 0; run < runEnds.Length; run++)
                    {
                        int through = own.Count(s => s != 0 && 2 * (levels - Math.Abs(s)) + (s < 0 ? 1 : 0) <= run);
                        Assert.Equal(through, runEnds[run]);
                    }
                }
            }
        }
    });

    [Fact]
    public void WhatIsNotANumberIsNoEvent() => Lanes.AtEveryWidth(() =>
    {
        SpikeBlocks blocks = new(1, 70, Levels: 4, BlockLength: 70);
        float[] spikes = new float[70];
        Array.Fill(spikes, float.NaN);
        (spikes[3], spikes[40], spikes[69]) = (2f, -4f, 1f);
        ushort[] events = new ushort[blocks.EventsLength], ends = new ushort[blocks.EndsLength];
        Simd.Run(new SpikeEncode { Blocks = blocks, Spikes = spikes, Start = 0, End = 1, Events = events, Ends = ends });
        Assert.Equal(new ushort[] { 40, 3, 69 }, events[..ends[^1]]);
    });

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
