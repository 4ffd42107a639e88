using SpikeEngine.Kernels;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Kernels;

[Collection(Lanes.Name)]
public class Int8DotsTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 7, 5)]
    [InlineData(3, 512, 9)]
    [InlineData(2, 513, 4)]
    [InlineData(1, 1_300, 31)]
    public void ProductsAreThoseOfTheRoundedNumbersAtEveryWidth(int rows, int n, int outputs)
    {
        float[] x = Tensor.RandomNormal(new SeededRandom(1, "x"), rows, n).ToArray();
        StoredTensor weight = StoredTensor.From(Tensor.RandomNormal(new SeededRandom(2, "w"), outputs, n), StorageType.Int8);
        float[] start = Tensor.RandomNormal(new SeededRandom(3, "start"), 1, outputs).ToArray();
        RoundedVector rounded = new();
        rounded.Round(x, n);

        float[]? first = null;
        Lanes.AtEveryWidth(() =>
        {
            float[] y = new float[rows * outputs];
            Simd.RunInteger(new Int8Dots
            {
                X = rounded.Codes, XScales = rounded.Scales, Rows = rows, Weight = weight.Int8, Scales = weight.Scales, N = n,
                Start = start, StartStride = 0, Y = y, YStride = outputs,
            });
            first ??= y;
            Assert.Equal(first, y);
        });

        for (int row = 0; row < rows; row++)
        {
            for (int output = 0; output < outputs; output++)
            {
                double sum = start[output], size = Math.Abs(sum);
                for (int i = 0; i < n; i++)
                {
                    double product = (double)weight.Scales[output] * weight.Int8[output * n + i]
                        * rounded.Codes[row * n + i] * rounded.Scales[row * RoundedVector.Blocks(n) + i / RoundedVector.Block];
                    sum += product;
                    size += Math.Abs(product);
                }

                Assert.InRange(Math.Abs(first![row * outputs + output] - sum), 0, 1e-6 * size);
            }
        }
    }

    [Fact]
    public void TheLargestSumsHold() => Lanes.AtEveryWidth(() =>
    {
        int n = 2 * RoundedVector.Block;
        float[] x = new float[n], y = new float[4];
        Array.Fill(x, 32_767f);
        sbyte[] weight = new sbyte[4 * n];
        Array.Fill(weight, (sbyte)127);
        RoundedVector rounded = new();
        rounded.Round(x, n);
        Simd.RunInteger(new Int8Dots { X = rounded.Codes, XScales = rounded.Scales, Rows = 1, Weight = weight, Scales = new[] { 1f, 1f, -1f, 1f }, N = n, Y = y, YStride = 4 });
        Assert.Equal(n * 127f * 32_767f, y[0]);
        Assert.Equal(-y[0], y[2]);
    });

    [Theory]
    [InlineData(1f)]
    [InlineData(1e-30f)]
    [InlineData(1e30f)]
    public void RoundingIsWithinHalfAStepOfItsBlock(float size)
    {
        int n = 1_000;
        float[] x = Tensor.RandomNormal(new SeededRandom(1, "x"), 1, n).ToArray();
        x.AsSpan(0, 512).Clear();
        for (int i = 0; i < n; i++)
            x[i] *= size;
        RoundedVector rounded = new();
        rounded.Round(x, n);
        Assert.Equal(0f, rounded.Scales[0]);
        for (int i = 512; i < n; i++)
            Assert.InRange(Math.Abs(rounded.Codes[i] * (double)rounded.Scales[1] - x[i]), 0, 0.501 * rounded.Scales[1]);
    }

    [Theory]
    [InlineData(1e-38f)]
    [InlineData(1e-39f)]
    [InlineData(1e-40f)]
    [InlineData(7e-41f)]   // whose scale is rounded down by a third
    public void CodesDoNotLeaveTheir16BitsWhereTheScaleIsSubnormal(float largest)
    {
        foreach (int n in new[] { 15, 16, 17, 40 })
        {
            float[] x = [.. Enumerable.Range(0, n).Select(i => i % 2 == 0 ? largest : -largest)];
            RoundedVector rounded = new();
            rounded.Round(x, n);
            for (int i = 0; i < n; i++)
                Assert.Equal(rounded.Scales[0] == 0f ? 0 : Math.Sign(x[i]), Math.Sign(rounded.Codes[i]));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void WhatIsNotFiniteIsNotHidden(float bad)
    {
        StoredTensor weight = StoredTensor.From(Tensor.RandomNormal(new SeededRandom(2, "w"), 5, 40), StorageType.Int8);
        float[] x = new float[40], y = new float[5];
        x[17] = bad;
        weight.Multiply(x, y);
        Assert.All(y, value => Assert.True(float.IsNaN(value)));
    }
}
