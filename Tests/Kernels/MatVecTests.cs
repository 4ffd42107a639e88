using CsCheck;

namespace SpikeEngine.Tests.Kernels;

/// <summary>Products with one vector from weights by input. Whole numbers make every sum exact.</summary>
[Collection(Lanes.Name)]
public class MatVecTests
{
    public static TheoryData<StorageType> Types => [.. Enum.GetValues<StorageType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void AnySizeIsTheNaiveProduct(StorageType type) => Lanes.AtEveryWidth(() =>
        Gen.Select(Gen.Int[0, 90], Gen.Int[0, 300]).Sample((inputs, outputs) => Check(inputs, outputs, type), iter: 100, threads: 1));

    [Theory]
    [MemberData(nameof(Types))]
    public void ThreadsDoNotChangeABit(StorageType type)
    {
        Tensor x = Tensor.RandomNormal(new SeededRandom(1, "x"), 701), weight = Tensor.RandomNormal(new SeededRandom(1, "w"), 1_009, 701);
        var stored = InputMajorWeight.From(weight, type);
        int before = RowParallel.Threads;
        try
        {
            float[][] results = [.. new[] { 1, 2, 3 }.Select(threads =>
            {
                RowParallel.Threads = threads;
                float[] y = new float[1_009];
                stored.Multiply(x.ToArray(), y);
                return y;
            })];
            Assert.Equal(results[0], results[1]);
            Assert.Equal(results[0], results[2]);
        }
        finally
        {
            RowParallel.Threads = before;
        }
    }

    [Fact]
    public void WhatDoesNotFitIsNamed()
    {
        Assert.Contains("weight is [5]", Assert.Throws<ArgumentException>(() => InputMajorWeight.From(new Tensor(5))).Message, StringComparison.Ordinal);
        var weight = InputMajorWeight.From(new Tensor(2, 3));
        string message = Assert.Throws<ArgumentException>(() => weight.Multiply(new float[4], new float[2])).Message;
        Assert.Contains("The weight is [2, 3]; x has 4 elements and y 2", message, StringComparison.Ordinal);
    }

    private static void Check(int inputs, int outputs, StorageType type)
    {
        // A row whose largest number is 127 has the scale 1 in bytes.
        float[] weight = WholeNumbers.Array("weight", outputs, inputs), x = WholeNumbers.Array("x", inputs), y = new float[outputs];
        for (int output = 0; output < outputs && inputs > 0; output++)
            weight[output * inputs] = 127f;
        Array.Fill(y, float.NaN);   // old values must not matter

        InputMajorWeight.From(Tensor.From(weight, outputs, inputs), type).Multiply(x, y);

        for (int row = 0; row < outputs; row++)
        {
            double sum = 0;
            for (int i = 0; i < inputs; i++)
                sum += weight[row * inputs + i] * x[i];
            Assert.Equal(sum, y[row]);
        }
    }
}
