using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The product of binary spikes by sums of subsets. Whole weights make it exact, so it must equal the naive product to the bit.</summary>
[Collection(Lanes.Name)]
public class SpikeSubsetMatMulTests
{
    private static readonly double[] s_densities = [0, 0.2, 0.6, 1];

    private static readonly Gen<(int Vectors, int Inputs, int Outputs, double Density, bool Transposed, bool Accumulate)> s_cases =
        Gen.Select(Gen.Int[0, 9], Gen.Int[1, 100], Gen.Int[1, 150], Gen.Int[0, 3].Select(i => s_densities[i]), Gen.Bool, Gen.Bool);

    [Fact]
    public void AnySizeDensityAndLayoutIsTheNaiveProduct() => Lanes.AtEveryWidth(() => s_cases.Sample(
        c => Check(c.Vectors, c.Inputs, c.Outputs, c.Density, c.Transposed, c.Accumulate), iter: 60, threads: 1));

    [Fact]
    public void MoreVectorsThanAreTakenTogether() => Lanes.AtEveryWidth(() => Check(1_100, 37, 9, 0.3, transposed: true, accumulate: true));

    [Fact]
    public void ARowForAllIsAddedOnceToEach() => Lanes.AtEveryWidth(() =>
    {
        const int Vectors = 5, Inputs = 70, Outputs = 75;
        float[] spikes = Binary(Vectors * Inputs, 0.4), weight = WholeNumbers.Array("weight", Inputs, Outputs), row = WholeNumbers.Array("row", 1, Outputs);
        float[] plain = new float[Vectors * Outputs], y = [.. Enumerable.Repeat(float.NaN, plain.Length)];
        MatrixLayout layout = new(Outputs, Transposed: false);
        Simd.Run(Product(spikes, Vectors, Inputs, weight, layout, Outputs, plain, start: default, startStride: 0));
        Simd.Run(Product(spikes, Vectors, Inputs, weight, layout, Outputs, y, row, startStride: 0));
        Assert.Equal(plain.Select((value, i) => value + row[i % Outputs]), y);
    });

    [Fact]
    public void OneSumIsAddedForFourInputsAndNothingMultiplied()
    {
        const int Vectors = 50, Inputs = 64, Outputs = 20;
        float[] weight = WholeNumbers.Array("weight", Inputs, Outputs), y = new float[Vectors * Outputs];
        (long adds, long multiplies) = CountingLanes.Count(
            Product(Binary(Vectors * Inputs, 0.5), Vectors, Inputs, weight, new MatrixLayout(Outputs, Transposed: false), Outputs, y, default, 0));
        Assert.Equal(0, multiplies);
        Assert.Equal((Vectors + 11) * (Inputs / 4) * Outputs, adds);   // eleven sums of two rows and more
    }

    [Theory]
    [InlineData(128, 32, 1, 656, false, true)]
    [InlineData(127, 32, 1, 4_064, false, false)]   // too few vectors
    [InlineData(128, 31, 1, 3_968, false, false)]   // and inputs
    [InlineData(128, 32, 1, 655, false, false)]     // fewer than 16 % active
    [InlineData(128, 32, 1, 4_096, true, false)]
    [InlineData(128, 32, 2, 4_096, false, false)]
    public void OnlyManyBinaryVectorsGoThisWay(int vectors, int inputs, int levels, long active, bool hasNegative, bool expected) =>
        Assert.Equal(expected, SpikeBlocks.For(vectors, inputs, levels, active, hasNegative).TakesSubsets);

    private static void Check(int vectors, int inputs, int outputs, double density, bool transposed, bool accumulate)
    {
        float[] spikes = Binary(vectors * inputs, density), weight = WholeNumbers.Array("weight", inputs, outputs), y = new float[vectors * outputs];
        Array.Fill(y, accumulate ? 100f : float.NaN);   // old values must not matter when they do not stay
        Simd.Run(Product(
            spikes, vectors, inputs, weight, transposed ? new MatrixLayout(inputs, true) : new MatrixLayout(outputs, false), outputs, y, accumulate ? y : default, outputs));
        for (int i = 0; i < y.Length; i++)
        {
            (int vector, int output) = Math.DivRem(i, outputs);
            double sum = accumulate ? 100 : 0;
            for (int input = 0; input < inputs; input++)
                sum += spikes[vector * inputs + input] * weight[transposed ? output * inputs + input : input * outputs + output];
            Assert.Equal(sum, y[i]);
        }
    }

    private static float[] Binary(int length, double density) => Array.ConvertAll(RandomSpikes.Array(length, 1, density), Math.Abs);

    private static SpikeSubsetMatMul<MatrixBlocks> Product(
        float[] spikes, int vectors, int inputs, float[] weight, MatrixLayout layout, int n, float[] y, ReadOnlySpan<float> start, int startStride)
    {
        return new SpikeSubsetMatMul<MatrixBlocks>
        {
            Vectors = vectors, Inputs = inputs, Codes = Encode(spikes, vectors, inputs), B = new MatrixBlocks(weight, layout), N = n, Y = y, YStride = n,
            Start = start, StartStride = startStride, Scratch = new float[SpikeSubsetMatMul<MatrixBlocks>.ScratchLength(vectors)],
        };
    }

    private static uint[] Encode(float[] spikes, int vectors, int inputs)
    {
        uint[] codes = new uint[SpikeSubsetEncode.CodesLength(vectors, inputs)];
        foreach ((int start, int end) in new[] { (0, vectors / 2), (vectors / 2, vectors) })
        {
            Simd.Run(new SpikeSubsetEncode
            {
                Vectors = vectors, Inputs = inputs, Spikes = spikes, Start = start, End = end, Codes = codes,
            });
        }

        return codes;
    }
}
