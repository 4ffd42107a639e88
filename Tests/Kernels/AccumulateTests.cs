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
        float[] s = RandomSpikes.Array(Inputs, levels, density), weight = WholeNumbers.Array("weight", Inputs, Outputs), y = new float[Outputs];
        SpikeEvents events = new(Inputs, levels);
        events.Fire(s, threshold: 1f);

        (long adds, long multiplies) = CountingLanes.Count(
            new SpikeMatVec<Float32Code, float>
            {
                Weight = weight, Stride = Outputs, Indices = events.Indices, Ends = events.Ends, Running = new float[Outputs], Y = y,
            });

        Assert.Equal(0, multiplies);
        int active = s.Count(spike => spike != 0);
        Assert.Equal((active + (levels > 1 && active > 0 ? levels : 0)) * Outputs, adds);
        Assert.Equal(Enumerable.Range(0, Outputs).Select(o => Enumerable.Range(0, Inputs).Sum(i => s[i] * weight[i * Outputs + o])), y);
    }

    [Fact]
    public void TheDenseProductMultipliesWithEveryWeight()
    {
        (long adds, long multiplies) = CountingLanes.Count(new MatVec<Float32Code, float>
        {
            Weight = WholeNumbers.Array("weight", Inputs, Outputs), Stride = Outputs, X = WholeNumbers.Array("x", Inputs), Y = new float[Outputs],
        });

        Assert.Equal(Inputs * Outputs, multiplies);
        Assert.True(adds >= multiplies);
    }
}
