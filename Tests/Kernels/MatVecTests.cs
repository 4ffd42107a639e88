using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

[Collection(Lanes.Name)]
public class MatVecTests
{
    [Fact]
    public void AnySizeIsTheNaiveProduct() => Lanes.AtEveryWidth(() =>
        Gen.Select(Gen.Int[1, 90], Gen.Int[0, 300]).Sample(Check, iter: 150, threads: 1));

    private static void Check(int inputs, int outputs)
    {
        float[] weight = WholeNumbers.Array("weight", outputs, inputs), x = WholeNumbers.Array("x", inputs);
        float[] y = new float[outputs], tiles = new float[weight.Length];
        OutputTiles.Pack(weight, inputs, tiles);

        Simd.Run(new MatVec { Tiles = tiles, X = x, Y = y });

        for (int row = 0; row < outputs; row++)
        {
            double sum = 0;
            for (int i = 0; i < inputs; i++)
                sum += weight[row * inputs + i] * x[i];
            Assert.Equal(sum, y[row]);
        }
    }
}
