using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

[Collection(Lanes.Name)]
public class MatVecTests
{
    [Fact]
    public void AnySizeIsTheNaiveProduct() => Lanes.AtEveryWidth(() =>
        Gen.Select(Gen.Int[1, 150], Gen.Int[0, 40], Gen.Bool).Sample(c => Check(c.Item1, c.Item2, c.Item3), iter: 150, threads: 1));

    private static void Check(int inputs, int outputs, bool hasBias)
    {
        float[] weight = WholeNumbers.Array("weight", outputs, inputs), x = WholeNumbers.Array("x", inputs);
        float[] bias = hasBias ? WholeNumbers.Array("bias", outputs) : [];
        float[] y = new float[outputs];

        Simd.Run(new MatVec { Weight = weight, Bias = bias, X = x, Y = y });

        for (int row = 0; row < outputs; row++)
        {
            double sum = hasBias ? bias[row] : 0;
            for (int i = 0; i < inputs; i++)
                sum += weight[row * inputs + i] * x[i];
            Assert.Equal(sum, y[row]);
        }
    }
}
