using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>What the spike path is for: no multiplication, and one addition for each active input and output.</summary>
public class AccumulateTests
{
    private const int Inputs = 64, Outputs = 171;

    [Theory]
    [InlineData(1, 0.4)]
    [InlineData(4, 0.4)]
    [InlineData(8, 1)]
    [InlineData(4, 0)]
    public void SpikesOnlyAdd(int levels, double density)
    {
        float[] s = RandomSpikes.Array(Inputs, levels, density), weight = WholeNumbers.Array("weight", Outputs, Inputs);
        float[] tiles = new float[weight.Length], y = new float[Outputs];
        OutputTiles.Pack(weight, Inputs, tiles);
        SpikeEvents events = new(Inputs, levels);
        events.Fire(s, threshold: 1f);

        (long adds, long multiplies) = CountingLanes.Count(
            new SpikeMatVec { Tiles = tiles, Inputs = Inputs, Indices = events.Indices, Ends = events.Ends, Y = y });

        Assert.Equal(0, multiplies);
        Assert.Equal((s.Count(spike => spike != 0) + levels) * Outputs, adds);
        Assert.Equal(Enumerable.Range(0, Outputs).Select(o => Enumerable.Range(0, Inputs).Sum(i => s[i] * weight[o * Inputs + i])), y);
    }

    [Fact]
    public void TheDenseProductMultipliesWithEveryWeight()
    {
        (long adds, long multiplies) = CountingLanes.Count(new MatVec
        {
            Tiles = WholeNumbers.Array("weight", Outputs, Inputs), X = WholeNumbers.Array("x", Inputs), Y = new float[Outputs],
        });

        Assert.Equal(Inputs * Outputs, multiplies);
        Assert.True(adds >= multiplies);
    }
}
