using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels;

/// <summary>The packed matrix product. Small whole numbers make every sum exact, so the naive product must be met to the bit.</summary>
[Collection(Lanes.Name)]
public class MatMulTests
{
    private static readonly Gen<(int M, int N, int K, bool TransposeA, bool TransposeB, bool Accumulate, int Gap)> s_cases = Gen.Select(
        Gen.Int[0, 70], Gen.Int[0, 70], Gen.Int[0, 70], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[0, 3]);

    [Fact]
    public void AnySizeAndLayoutIsTheNaiveProduct() => Lanes.AtEveryWidth(() =>
        s_cases.Sample(c => Check(c.M, c.N, c.K, c.TransposeA, c.TransposeB, c.Accumulate, c.Gap), iter: 150, threads: 1));

    [Theory]
    [InlineData(97, 33, 600)]    // three blocks of K, a second piece of rows
    [InlineData(200, 300, 64)]   // several pieces of panels and of rows
    [InlineData(1, 1_000, 257)]
    [InlineData(300, 1, 513)]
    public void LargeProductsAreTheNaiveOnes(int m, int n, int k) => Lanes.AtEveryWidth(() =>
    {
        foreach (bool transposeA in new[] { false, true })
        {
            foreach (bool transposeB in new[] { false, true })
                Check(m, n, k, transposeA, transposeB, accumulate: transposeA == transposeB, gap: 0);
        }
    });

    private static void Check(int m, int n, int k, bool transposeA, bool transposeB, bool accumulate, int gap)
    {
        float[] a = WholeNumbers.Array("a", transposeA ? k : m, (transposeA ? m : k) + gap);
        float[] b = WholeNumbers.Array("b", transposeB ? n : k, (transposeB ? k : n) + gap);
        float[] before = WholeNumbers.Array("c", m, n), c = before.ToArray();
        if (!accumulate)
            Array.Fill(c, float.NaN);   // old values must not matter
        MatrixLayout layoutA = new((transposeA ? m : k) + gap, transposeA), layoutB = new((transposeB ? k : n) + gap, transposeB);

        MatrixProduct.Run(m, n, k, new MatrixView(a, layoutA), new MatrixView(b, layoutB), c, accumulate);

        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = accumulate ? before[i * n + j] : 0;
                for (int l = 0; l < k; l++)
                    sum += At(a, layoutA, i, l) * At(b, layoutB, l, j);
                if (c[i * n + j] != sum)
                    Assert.Fail($"[{m}, {k}] x [{k}, {n}] at ({i}, {j}): got {c[i * n + j]}, expected {sum}");
            }
        }
    }

    private static double At(float[] matrix, MatrixLayout layout, int row, int column) =>
        layout.Transposed ? matrix[column * layout.Stride + row] : matrix[row * layout.Stride + column];
}
