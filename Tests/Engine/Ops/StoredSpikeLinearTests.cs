namespace SpikeEngine.Tests.Engine;

/// <summary>Products of spikes with frozen weights, in every storage type and both ways. Whole weights with scale 1 make each exact.</summary>
[Collection(Lanes.Name)]
public class StoredSpikeLinearTests
{
    public static TheoryData<StorageType> Types => [.. Enum.GetValues<StorageType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryWayIsTheNaiveProduct(StorageType type) => Lanes.AtEveryWidth(() =>
    {
        foreach ((int rows, int inputs, int outputs) in new[] { (1, 19, 7), (1, 400, 300), (5, 37, 129), (40, 300, 75), (13, 1_030, 140) })
        {
            foreach ((int levels, double density) in new[] { (1, 0.1), (1, 1.0), (4, 0.4), (8, 1.0), (4, 0.0) })
                Check(type, rows, inputs, outputs, levels, density);
        }
    });

    /// <summary>Floats of any type by sums of subsets; bytes, which have no such way, by events.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void ManyBinaryVectorsAreNoOtherProduct(StorageType type) => Lanes.AtEveryWidth(() =>
    {
        const int Rows = 130, Inputs = 45, Outputs = 70;
        Tensor spikes = Tensor.From(Array.ConvertAll(RandomSpikes.Array(Rows * Inputs, 1, density: 0.5), Math.Abs), Rows, Inputs);
        float[] weights = WholeNumbers.Array("weight", Outputs, Inputs);
        for (int output = 0; output < Outputs; output++)
            weights[output * Inputs] = 127f;   // so that the scale of bytes is 1
        Tensor weight = Tensor.From(weights, Outputs, Inputs);
        float[] dense = Ops.Linear(spikes, weight).ToArray();
        Assert.Equal(dense, Ops.SpikeLinear(spikes, InputMajorWeight.From(weight, type), levels: 1, path: SpikePath.Accumulate).ToArray());
    });

    [Fact]
    public void BytesGiveTheSameBitsBothWays()
    {
        // Any weights: both ways are whole numbers until the scale.
        Tensor weight = Tensor.RandomNormal(new SeededRandom(1, "w"), 300, 900);
        Tensor spikes = Tensor.From(RandomSpikes.Array(50 * 900, 8, 0.9), 50, 900), bias = Tensor.RandomNormal(new SeededRandom(1, "b"), 300);
        var stored = InputMajorWeight.From(weight, StorageType.Int8);
        float[] dense = Ops.SpikeLinear(spikes, stored, bias, levels: 8, SpikePath.Dense).ToArray();
        Assert.Equal(dense, Ops.SpikeLinear(spikes, stored, bias, levels: 8, SpikePath.Accumulate).ToArray());
    }

    [Theory]
    [InlineData(2_000)]
    [InlineData(30_000)]   // whose sums are no floats any more
    public void OneVectorOfBytesGivesTheSameBitsBothWays(int inputs)
    {
        Tensor weight = Tensor.RandomUniform(new SeededRandom(1, "w"), 9, inputs), spikes = Tensor.Full(8f, 1, inputs);
        for (int i = 0; i < inputs; i += 3)
            spikes.Values[i] = 5f;
        Tensor bias = Tensor.RandomNormal(new SeededRandom(1, "b"), 9);
        var stored = InputMajorWeight.From(weight, StorageType.Int8);
        float[] dense = Ops.SpikeLinear(spikes, stored, bias, levels: 8, SpikePath.Dense).ToArray();
        Assert.Equal(dense, Ops.SpikeLinear(spikes, stored, bias, levels: 8, SpikePath.Accumulate).ToArray());
    }

    [Fact]
    public void TheLargestSumsOfBytesAreExact()
    {
        // All weights at the end of their range and all spikes at the highest level: the first to leave 16 bits.
        const int Inputs = 2_048, Outputs = 70, Levels = 8;
        Tensor weight = Tensor.Full(-127f, Outputs, Inputs), spikes = Tensor.Full(Levels, 9, Inputs);
        var stored = InputMajorWeight.From(weight, StorageType.Int8);
        foreach (SpikePath path in new[] { SpikePath.Dense, SpikePath.Accumulate })
            Assert.All(Ops.SpikeLinear(spikes, stored, levels: Levels, path: path).ToArray(), y => Assert.Equal(-127f * Levels * Inputs, y));
        foreach (SpikePath path in new[] { SpikePath.Dense, SpikePath.Accumulate })
            Assert.All(Ops.SpikeLinear(Ops.Neg(spikes), stored, levels: Levels, path: path).ToArray(), y => Assert.Equal(127f * Levels * Inputs, y));
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        var stored = InputMajorWeight.From(Tensor.Ones(2, 3), StorageType.Int8);
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.SpikeLinear(new Tensor(4, 3), stored, levels: 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Ops.SpikeLinear(new Tensor(4, 3), stored, levels: 0));
        Assert.Throws<ArgumentOutOfRangeException>("path", () => Ops.SpikeLinear(new Tensor(4, 3), stored, path: (SpikePath)9));
        string message = Assert.Throws<ArgumentException>(() => Ops.SpikeLinear(new Tensor(4, 2), stored)).Message;
        Assert.Contains("weight is [2, 3], x is [4, 2]", message, StringComparison.Ordinal);
        Tensor x = new(4, 3) { NeedsGrad = true };
        using var tape = Tape.Begin();
        Assert.Throws<InvalidOperationException>(() => Ops.SpikeLinear(x, stored));
        Assert.Throws<InvalidOperationException>(() => Ops.Linear(x, stored));
    }

    [Fact]
    public void EmptySizesGiveTheBias()
    {
        var stored = InputMajorWeight.From(new Tensor(2, 3), StorageType.Int8);
        Assert.Equal(new Shape(0, 2), Ops.SpikeLinear(new Tensor(0, 3), stored).Shape);
        var none = InputMajorWeight.From(new Tensor(2, 0));
        Assert.Equal([3f, 4f], Ops.SpikeLinear(new Tensor(1, 0), none, Tensor.From([3f, 4f], 2)).ToArray());
        Assert.Equal([3f, 4f], Ops.Linear(new Tensor(1, 0), none, Tensor.From([3f, 4f], 2)).ToArray());
    }

    private static void Check(StorageType type, int rows, int inputs, int outputs, int levels, double density)
    {
        float[] weight = WholeNumbers.Array("weight", outputs, inputs), bias = WholeNumbers.Array("bias", outputs);
        for (int output = 0; output < outputs; output++)
            weight[output * inputs] = output % 2 == 0 ? -127f : 127f;   // the scale of the row in bytes is 1
        float[] s = RandomSpikes.Array(rows * inputs, levels, density);
        Tensor spikes = Tensor.From(s, rows, inputs);
        var stored = InputMajorWeight.From(Tensor.From(weight, outputs, inputs), type);
        float[] expected = new float[rows * outputs];
        for (int i = 0; i < expected.Length; i++)
        {
            (int row, int output) = Math.DivRem(i, outputs);
            double sum = bias[output];
            for (int input = 0; input < inputs; input++)
                sum += s[row * inputs + input] * weight[output * inputs + input];
            expected[i] = (float)sum;
        }

        foreach (SpikePath path in Enum.GetValues<SpikePath>())
            Assert.Equal(expected, Ops.SpikeLinear(spikes, stored, Tensor.From(bias, outputs), levels, path).ToArray());
        Assert.Equal(expected, Ops.Linear(spikes, stored, Tensor.From(bias, outputs)).ToArray());
    }
}
