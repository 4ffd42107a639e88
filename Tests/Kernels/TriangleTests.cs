using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>Products of which half is zero or not wanted, of every size from less than a tile to more than a block of K.</summary>
[Collection(Lanes.Name)]
public class TriangleTests
{
    [Theory]
    [InlineData(Triangle.LowerA, false)]
    [InlineData(Triangle.LowerA, true)]
    [InlineData(Triangle.UpperA, false)]
    [InlineData(Triangle.UpperA, true)]
    [InlineData(Triangle.LowerC, false)]
    [InlineData(Triangle.LowerC, true)]
    public void WhatCountsIsTheNaiveProduct(Triangle triangle, bool transposed) => Lanes.AtEveryWidth(() =>
    {
        foreach (int size in new[] { 1, 3, 4, 5, 11, 12, 16, 30, 64, 100, 257 })
        {
            foreach (bool accumulate in new[] { false, true })
                Check(size, columns: triangle == Triangle.LowerC ? size : 37, triangle, transposed, accumulate);
        }
    });

    private static void Check(int size, int columns, Triangle triangle, bool transposed, bool accumulate)
    {
        float[] a = WholeNumbers.Array("a", size, size), b = WholeNumbers.Array("b", size, columns);
        for (int i = 0; i < size; i++)
        {
            for (int k = 0; k < size; k++)
            {
                if (triangle == Triangle.LowerA ? k > i : triangle == Triangle.UpperA && k < i)
                    a[transposed ? k * size + i : i * size + k] = 0f;
            }
        }

        float[] before = WholeNumbers.Array("c", size, columns), c = [.. before], scratch = new float[PackPanels.Length(size, columns)];
        ReadOnlySpan<float> packed = SmallMatMul.Pack(b, columns, false, size, columns, scratch);
        SmallMatMul.Multiply(size, columns, size, a, size, transposed, packed, c, columns, accumulate, triangle);

        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < (triangle == Triangle.LowerC ? i + 1 : columns); j++)
            {
                double sum = accumulate ? before[i * columns + j] : 0;
                for (int k = 0; k < size; k++)
                    sum += (double)a[transposed ? k * size + i : i * size + k] * b[k * columns + j];
                Assert.Equal(sum, c[i * columns + j]);
            }
        }
    }
}
