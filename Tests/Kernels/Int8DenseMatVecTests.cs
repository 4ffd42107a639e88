using SpikeEngine.Kernels;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Kernels;

/// <summary>Every weight multiplied in whole numbers, against sums in 64 bits and against additions alone.</summary>
[Collection(Lanes.Name)]
public class Int8DenseMatVecTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(63, 9, 4)]
    [InlineData(64, 4, 8)]
    [InlineData(320, 130, 4)]
    [InlineData(1_087, 31, 8)]
    [InlineData(2_048, 300, 4)]   // on several threads
    public void ItIsTheNaiveSumAndTheBitsOfAdding(int inputs, int outputs, int levels) => Lanes.AtEveryWidth(() =>
    {
        StoredTensor stored = StoredTensor.From(Tensor.RandomNormal(new SeededRandom(1, "w"), outputs, inputs), StorageType.Int8);
        SpikeEvents events = new(inputs, levels);
        events.Fire(RandomSpikes.Array(inputs, levels, 0.5), threshold: 1f);
        float[] dense = new float[outputs], added = new float[outputs];
        SpikeDotWeight.From(stored).Multiply(events.Spikes.Span, levels, dense);
        InputMajorWeight.From(stored).Accumulate(events, added);
        Assert.Equal(added, dense);

        for (int output = 0; output < outputs; output++)
        {
            long sum = 0;
            for (int i = 0; i < inputs; i++)
                sum += stored.Int8[output * inputs + i] * (long)events.Spikes.Span[i];
            Assert.Equal(stored.Scales[output] * sum, dense[output]);
        }
    });

    [Theory]
    [InlineData(sbyte.MinValue, 8)]
    [InlineData(sbyte.MaxValue, 8)]
    [InlineData(sbyte.MinValue, 1)]
    public void TheLargestSumsHold(sbyte code, int levels) => Lanes.AtEveryWidth(() =>
    {
        const int Inputs = 1_000, Outputs = 6;
        sbyte[] codes = new sbyte[Outputs * Inputs];
        Array.Fill(codes, code);
        var stored = StoredTensor.Wrap(new Shape(Outputs, Inputs), StorageType.Int8, Array.ConvertAll(codes, c => (byte)c), new float[] { 1, 1, 1, 1, 1, 1 });
        foreach (float spike in new float[] { levels, -levels })
        {
            float[] y = new float[Outputs], spikes = new float[Inputs];
            Array.Fill(spikes, spike);
            SpikeDotWeight.From(stored).Multiply(spikes, levels, y);
            Assert.All(y, sum => Assert.Equal(spike * code * Inputs, sum));
        }
    });

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Tensor weight = Tensor.RandomNormal(new SeededRandom(1, "w"), 3, 5);
        Assert.Throws<ArgumentException>(() => SpikeDotWeight.From(StoredTensor.From(weight, StorageType.Float32)));
        var dots = SpikeDotWeight.From(StoredTensor.From(weight, StorageType.Int8));
        Assert.Throws<ArgumentException>(() => dots.Multiply(new float[4], 4, new float[3]));
        Assert.Throws<ArgumentException>(() => dots.Multiply(new float[5], 4, new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => dots.Multiply(new float[5], 9, new float[3]));
    }
}
