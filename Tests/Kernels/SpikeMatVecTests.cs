using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The product by additions. Whole weights make it exact, so it must equal the naive product to the bit.</summary>
[Collection(Lanes.Name)]
public class SpikeMatVecTests
{
    private static readonly double[] s_densities = [0, 0.05, 0.4, 1];

    private static readonly Gen<(int Inputs, int Outputs, int Levels, double Density, int FirstTiles)> s_cases = Gen.Select(
        Gen.Int[1, 90], Gen.Int[1, 300], Gen.Int[1, 8], Gen.Int[0, 3].Select(i => s_densities[i]), Gen.Int[0, 2]);

    [Fact]
    public void AnySizeDensityAndSplitIsTheNaiveProduct() => Lanes.AtEveryWidth(() =>
        s_cases.Sample(c => Check(c.Inputs, c.Outputs, c.Levels, c.Density, Math.Min(c.FirstTiles * OutputTiles.Width, c.Outputs)), iter: 200, threads: 1));

    private static void Check(int inputs, int outputs, int levels, double density, int split)
    {
        float[] s = RandomSpikes.Array(inputs, levels, density), weight = WholeNumbers.Array("weight", outputs, inputs);
        float[] tiles = new float[weight.Length];
        OutputTiles.Pack(weight, inputs, tiles);
        SpikeEvents events = new(inputs, levels);
        events.Fire(s, threshold: 1f);

        float[] y = new float[outputs];
        Array.Fill(y, float.NaN);   // old values must not matter
        foreach ((int first, int end) in new[] { (0, split), (split, outputs) })
        {
            Simd.Run(new SpikeMatVec
            {
                Tiles = tiles.AsSpan((first * inputs)..(end * inputs)), Inputs = inputs,
                Indices = events.Indices, Ends = events.Ends, Y = y.AsSpan(first..end),
            });
        }

        for (int output = 0; output < outputs; output++)
        {
            double sum = 0;
            for (int input = 0; input < inputs; input++)
                sum += s[input] * weight[output * inputs + input];
            Assert.Equal(sum, y[output]);
        }
    }
}
