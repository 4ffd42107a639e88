using System.Numerics;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>One pass, ternary planes and micro-steps: the same numbers, at different costs.</summary>
[Collection(Lanes.Name)]
public class SpikeFormTests
{
    private static readonly SpikeForm[] s_forms = Enum.GetValues<SpikeForm>();

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    [InlineData(8, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(8, false)]
    public void AllFormsGiveTheSameProduct(int levels, bool hasSign) => Lanes.AtEveryWidth(() =>
    {
        foreach (int inputs in new[] { 1, 7, 63, 64, 65, 203 })
        {
            foreach (int outputs in new[] { 5, 130 })
            {
                Tensor matrix = Tensor.RandomNormal(new SeededRandom(1, "w"), outputs, inputs);
                var floats = InputMajorWeight.From(matrix);
                var bytes = InputMajorWeight.From(matrix, StorageType.Int8);
                float[] x = Potentials(inputs, levels), exact = [], near = [];
                foreach (SpikeForm form in s_forms)
                {
                    SpikeEvents events = new(inputs, levels, form);
                    events.Fire(x, threshold: 0.7f, hasSign);
                    float[] ofBytes = new float[outputs], ofFloats = new float[outputs];
                    bytes.Accumulate(events, ofBytes);
                    floats.Accumulate(events, ofFloats);
                    if (form == SpikeForm.OnePass)
                        (exact, near) = (ofBytes, ofFloats);
                    Assert.Equal(exact, ofBytes);
                    Close.Assert(near, ofFloats);
                }
            }
        }
    });

    [Theory]
    [InlineData(SpikeForm.TernaryPlanes)]
    [InlineData(SpikeForm.Expansion)]
    public void TheEventsAddUpToTheCountsPositiveOnesFirst(SpikeForm form) => Lanes.AtEveryWidth(() =>
    {
        SpikeEvents events = new(capacity: 300, levels: 4, form);
        foreach (int length in new[] { 300, 65, 0, 128 })   // later ones leave nothing behind
        {
            float[] s = RandomSpikes.Array(length, 4, 0.5), counts = new float[length];
            events.Fire(s, threshold: 1f);
            Assert.Equal(1, events.LevelsMet);
            for (int i = 0; i < events.Indices.Length; i++)
                counts[events.Indices[i]] += i < events.Ends[0] ? 1 : -1;
            Assert.Equal(s, counts);
            Assert.Equal(s, events.Spikes.ToArray());
        }
    });

    [Theory]
    [InlineData(1, 0.4)]
    [InlineData(2, 0.4)]
    [InlineData(4, 0.4)]
    [InlineData(8, 1)]
    [InlineData(4, 0)]
    public void AdditionsAreThoseOfTheForm(int levels, double density)
    {
        const int inputs = 200, outputs = 171;
        float[] s = RandomSpikes.Array(inputs, levels, density), weight = WholeNumbers.Array("weight", inputs, outputs);
        int active = s.Count(spike => spike != 0);
        foreach (SpikeForm form in s_forms)
        {
            SpikeEvents events = new(inputs, levels, form);
            events.Fire(s, threshold: 1f);
            (long adds, long multiplies) = CountingLanes.Count(
                new SpikeMatVec<Float32Code, float>
                {
                    Weight = weight, Stride = outputs, Indices = events.Indices, Ends = events.Ends, Running = new float[outputs], Y = new float[outputs],
                });
            float expected = form == SpikeForm.OnePass ? active + (levels > 1 && active > 0 ? levels : 0) : s.Sum(Math.Abs);
            Assert.Equal(0, multiplies);
            Assert.Equal(expected * outputs, adds);
            Assert.Equal(expected, events.AddsPerOutput);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void TheValueOfTrainingIsTheSumOfPlanesAndOfMicroSteps(int levels) => Lanes.AtEveryWidth(() =>
    {
        float[] x = Potentials(131, levels), trained = Ops.TiLif(Tensor.From(x, x.Length), levels, threshold: 1f).ToArray();
        foreach (bool expands in new[] { false, true })
        {
            SpikePlanes planes = new(x.Length, levels, expands);
            if (expands)
                planes.Expand(trained);
            else
                planes.Compare(trained);

            float[] sum = new float[x.Length];
            for (int plane = 0; plane < levels; plane++)
            {
                Assert.All(Enumerable.Range(0, SpikeMasks.Words(x.Length)), word => Assert.Equal(0UL, planes.Positive(plane)[word] & planes.Negative(plane)[word]));
                for (int i = 0; i < x.Length; i++)
                    sum[i] += Bit(planes.Positive(plane), i) - Bit(planes.Negative(plane), i);
            }

            Assert.Equal(trained, sum);
        }
    });

    [Fact]
    public void NotANumberDoesNotSpikeInAnyForm()
    {
        foreach (SpikeForm form in s_forms)
        {
            SpikeEvents events = new(capacity: 3, levels: 4, form);
            events.Fire([float.NaN, float.PositiveInfinity, float.NegativeInfinity], threshold: 1f);
            Assert.DoesNotContain((ushort)0, events.Indices.ToArray());
            Assert.Equal([0f, 4f, -4f], events.Spikes.ToArray());
        }
    }

    [Fact]
    public void MoreEventsThanPositionsCountAreRefused()
    {
        Assert.Equal("capacity", Assert.Throws<ArgumentOutOfRangeException>(() => new SpikeEvents(16_384, 4, SpikeForm.Expansion)).ParamName);
        Assert.Equal("form", Assert.Throws<ArgumentOutOfRangeException>(() => new SpikeEvents(1, 1, (SpikeForm)3)).ParamName);
        Assert.Equal(4, new SpikeEvents(16_383, 4, SpikeForm.TernaryPlanes).Levels);
    }

    private static int Bit(ReadOnlySpan<ulong> mask, int i) => BitOperations.PopCount((mask[i / 64] >> (i % 64)) & 1);

    /// <summary>Potentials that reach beyond the last level on both sides.</summary>
    private static float[] Potentials(int length, int levels) =>
        [.. Tensor.RandomNormal(new SeededRandom(3, "x"), 1, length).ToArray().Select(x => x * (levels + 1) / 2)];
}
