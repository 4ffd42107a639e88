using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The product by additions. Whole weights make it exact, so it must equal the naive product to the bit.</summary>
[Collection(Lanes.Name)]
public class SpikeMatVecTests
{
    private static readonly double[] s_densities = [0, 0.05, 0.4, 1];

    private static readonly Gen<(int Inputs, int Outputs, int Levels, double Density, int Type)> s_cases = Gen.Select(
        Gen.Int[1, 90], Gen.Int[1, 300], Gen.Int[1, 8], Gen.Int[0, 3].Select(i => s_densities[i]), Gen.Int[0, 3]);

    [Fact]
    public void AnySizeDensityAndTypeIsTheNaiveProduct() => Lanes.AtEveryWidth(() =>
        s_cases.Sample(c => Check(c.Inputs, c.Outputs, c.Levels, c.Density, (StorageType)c.Type), iter: 300, threads: 1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void LargeWeightsInPiecesAreTheNaiveProduct(int threads)
    {
        int before = RowParallel.Threads;
        try
        {
            RowParallel.Threads = threads;
            Check(700, 1_001, levels: 4, 0.3, StorageType.Float32);
            Lanes.AtEveryWidth(() =>
            {
                Check(1_400, 1_001, levels: 1, 0.6, StorageType.Int8);
                Check(1_700, 1_001, levels: 3, 0.9, StorageType.Int8);   // more inputs than 16 bits hold sums of
            });
        }
        finally
        {
            RowParallel.Threads = before;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(127)]
    public void SumsOfBytesLeave16BitsNowhere(int levels) => Lanes.AtEveryWidth(() =>
    {
        // All of one sign, at the ends of their ranges: the largest sums there are.
        const int Inputs = 613, Outputs = 77;
        foreach (float sign in (float[])[1f, -1f])
        {
            float[] s = [.. Enumerable.Range(0, Inputs).Select(i => sign * (i % 5 == 0 ? 1 : levels))], y = new float[Outputs], scales = new float[Outputs];
            byte[] codes = new byte[Outputs * Inputs];
            Array.Fill(codes, (byte)0x80);   // -128
            Array.Fill(scales, 1f);
            SpikeEvents events = new(Inputs, levels);
            events.Fire(s, threshold: 1f);
            InputMajorWeight.From(StoredTensor.Wrap(new Shape(Outputs, Inputs), StorageType.Int8, codes, scales)).Accumulate(events, y);
            Assert.All(y, sum => Assert.Equal(-128f * s.Sum(), sum));
        }
    });

    [Theory]
    [InlineData(StorageType.Float32, 16)]
    [InlineData(StorageType.Int8, 64)]
    public void AWeightThatIsTooLargeOnceItsRowsAreFilledIsRefusedByItsShape(StorageType type, int line)
    {
        // One output takes a whole cache line for each input.
        Tensor weight = new(1, 140_000_000);
        string message = Assert.Throws<ArgumentException>(() => InputMajorWeight.From(weight, type)).Message;
        Assert.Contains("[1, 140000000]", message, StringComparison.Ordinal);
        Assert.Contains($"with {line} numbers", message, StringComparison.Ordinal);
    }

    private static void Check(int inputs, int outputs, int levels, double density, StorageType type)
    {
        float[] s = RandomSpikes.Array(inputs, levels, density), weight = WholeNumbers.Array("weight", outputs, inputs);
        for (int output = 0; output < outputs; output++)
            weight[output * inputs] = -127f;   // the scale of the row in bytes is 1
        SpikeEvents events = new(inputs, levels);
        events.Fire(s, threshold: 1f);

        float[] y = new float[outputs];
        Array.Fill(y, float.NaN);   // old values must not matter
        InputMajorWeight.From(Tensor.From(weight, outputs, inputs), type).Accumulate(events, y);

        for (int output = 0; output < outputs; output++)
        {
            double sum = 0;
            for (int input = 0; input < inputs; input++)
                sum += s[input] * weight[output * inputs + input];
            Assert.Equal(sum, y[output]);
        }
    }
}
