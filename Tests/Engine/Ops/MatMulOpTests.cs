using CsCheck;

namespace SpikeEngine.Tests.Engine;

/// <summary>
/// The batched product against a naive one that walks every index. Small whole numbers make every sum exact, so values and
/// gradients must be met to the bit.
/// </summary>
[Collection(Lanes.Name)]
public class MatMulOpTests
{
    private static readonly Gen<Case> s_cases = Gen.Select(
        Gen.Int[0, 9], Gen.Int[0, 20], Gen.Int[0, 9], Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Bool).Array[0, 4],
        Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 15], (m, n, k, batch, rankA, rankB, kinds) =>
        {
            // Every axis has a size that one side, the other, or both may lack.
            int[] sizesA = Array.ConvertAll(batch, axis => axis.Item2 ? axis.Item1 : 1);
            int[] sizesB = Array.ConvertAll(batch, axis => axis.Item3 ? axis.Item1 : 1);
            bool transposeA = (kinds & 1) != 0, transposeB = (kinds & 2) != 0;
            int[] a = [.. sizesA.TakeLast(rankA), .. transposeA ? new[] { k, m } : [m, k]];
            int[] b = [.. sizesB.TakeLast(rankB), .. transposeB ? new[] { k, n }.Reverse() : [k, n]];
            return new Case(kinds is 4 or 12 ? [k] : a, kinds is 8 or 12 ? [k] : b, transposeA, transposeB);
        });

    [Fact]
    public void AnyShapesAreTheNaiveProduct() => Lanes.AtEveryWidth(() => s_cases.Sample(Check, iter: 150, threads: 1));

    [Fact]
    public void GradientsAreThoseOfTheDifferences() => Lanes.AtEveryWidth(() => s_cases.Sample(
        c =>
        {
            Tensor[] inputs = [FiniteDifferences.Normal("a", true, c.A), FiniteDifferences.Normal("b", true, c.B)];
            if (Ops.MatMul(inputs[0], inputs[1], c.TransposeA, c.TransposeB).Count > 0 && inputs[0].Count + inputs[1].Count > 0)
                GradientCheck.Run(t => Ops.MatMul(t[0], t[1], c.TransposeA, c.TransposeB), inputs).ThrowIfFailed();
        },
        iter: 15,
        threads: 1));

    [Fact]
    public void WaysForAllSizesAreTheNaiveProduct() => Lanes.AtEveryWidth(() =>
    {
        Case[] cases =
        [
            new([2, 130, 70], [2, 70, 90], false, false),        // few: one after the other on all threads
            new([9, 33, 40], [9, 50, 40], false, true),          // many: beside each other
            new([9, 40, 33], [40, 50], true, false),             // many that share b, and sum its gradient
            new([3, 4, 30, 40], [40, 50], false, false),         // a's matrices as one
            new([5, 300, 40], [40], false, false),
            new([40], [7, 40, 300], false, false),
            new([2_000], [2_000, 90], false, false),
            new([90, 3_000], [3_000], false, false),
            new([3_000, 90], [3_000], true, false),
        ];
        foreach (Case c in cases)
            Check(c);
    });

    [Fact]
    public void ShapesThatDoNotFitAreNamed()
    {
        ArgumentException sums = Assert.Throws<ArgumentException>(() => Ops.MatMul(new Tensor(2, 3, 4), new Tensor(5, 6)));
        Assert.Contains("[2, 3, 4]", sums.Message);
        Assert.Contains("[5, 6]", sums.Message);

        ArgumentException batch = Assert.Throws<ArgumentException>(
            () => Ops.MatMul(new Tensor(2, 4, 3), new Tensor(3, 4, 5), transposeA: true));
        Assert.Contains("[2, 4, 3] transposed", batch.Message);
        Assert.Contains("[3, 4, 5]", batch.Message);
    }

    [Fact]
    public void ATensorTimesItselfHasBothGradients()
    {
        Tensor x = Tensor.From(WholeNumbers.Array("x", 3, 4), 3, 4);
        x.NeedsGrad = true;
        GradientCheck.Run(t => Ops.MatMul(t[0], t[0], transposeB: true), [x]).ThrowIfFailed();
    }

    private static void Check(Case c)
    {
        Tensor a = Whole("a", c.A), b = Whole("b", c.B);
        using Tape tape = Tape.Begin();
        Tensor y = Ops.MatMul(a, b, c.TransposeA, c.TransposeB);
        y.KeepsGrad = true;
        WholeNumbers.Array("upstream", y.Shape.Dims).CopyTo(y.Grad);
        tape.Replay();
        if (y.Count == 0)
            return;

        (int[] shape, double[] values, double[] gradA, double[] gradB) = Naive(a, b, c, y.Grad.ToArray());
        Assert.Equal(shape, y.Shape.Dims.ToArray());
        AssertEqual("y", values, y.Values, c);
        AssertEqual("gradient of a", gradA, a.Grad, c);
        AssertEqual("gradient of b", gradB, b.Grad, c);
    }

    /// <summary>Every term of every sum, found by its indices.</summary>
    private static (int[] Shape, double[] Y, double[] GradA, double[] GradB) Naive(Tensor a, Tensor b, Case c, float[] gradY)
    {
        int[] fullA = c.A.Length == 1 ? [1, c.A[0]] : Swapped(c.A, c.TransposeA);
        int[] fullB = c.B.Length == 1 ? [c.B[0], 1] : Swapped(c.B, c.TransposeB);
        int m = fullA[^2], k = fullA[^1], n = fullB[^1], rank = Math.Max(fullA.Length, fullB.Length) - 2;
        int[] batch = [.. Enumerable.Range(0, rank).Select(i => Math.Max(Size(fullA, i, rank), Size(fullB, i, rank)))];
        int matrices = batch.Aggregate(1, (x, size) => x * size);
        double[] y = new double[matrices * m * n], gradA = new double[a.Count], gradB = new double[b.Count];
        for (int at = 0; at < y.Length; at++)
        {
            (int matrix, int i, int j) = (at / (m * n), at / n % m, at % n);
            for (int l = 0; l < k; l++)
            {
                int atA = Offset(fullA, batch, matrix) * m * k + (c.TransposeA && c.A.Length > 1 ? l * m + i : i * k + l);
                int atB = Offset(fullB, batch, matrix) * k * n + (c.TransposeB && c.B.Length > 1 ? j * k + l : l * n + j);
                y[at] += (double)a.Values[atA] * b.Values[atB];
                gradA[atA] += (double)gradY[at] * b.Values[atB];
                gradB[atB] += (double)gradY[at] * a.Values[atA];
            }
        }

        int[] shape = [.. batch, .. c.A.Length == 1 ? Array.Empty<int>() : [m], .. c.B.Length == 1 ? Array.Empty<int>() : [n]];
        return (shape.Length == 0 ? [1] : shape, y, gradA, gradB);
    }

    private static int[] Swapped(int[] shape, bool transposed) => transposed ? [.. shape[..^2], shape[^1], shape[^2]] : shape;

    /// <summary>Size of a leading axis when there are <paramref name="rank"/> of them, 1 where the shape has fewer.</summary>
    private static int Size(int[] shape, int axis, int rank) => axis + shape.Length - 2 - rank is >= 0 and int i ? shape[i] : 1;

    private static int Offset(int[] shape, int[] batch, int matrix)
    {
        int offset = 0, stride = 1;
        for (int axis = batch.Length - 1; axis >= 0; axis--)
        {
            int size = Size(shape, axis, batch.Length);
            offset += size == 1 ? 0 : matrix % batch[axis] * stride;
            matrix /= batch[axis];
            stride *= size;
        }

        return offset;
    }

    private static Tensor Whole(string name, int[] dims)
    {
        Tensor x = Tensor.From(WholeNumbers.Array(name, dims), dims);
        x.NeedsGrad = true;
        return x;
    }

    private static void AssertEqual(string what, double[] expected, ReadOnlySpan<float> actual, Case c)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (actual[i] != expected[i])
                Assert.Fail($"{what} of {c} at {i}: got {actual[i]}, expected {expected[i]}");
        }
    }

    private sealed record Case(int[] A, int[] B, bool TransposeA, bool TransposeB)
    {
        public override string ToString() =>
            $"[{string.Join(", ", A)}]{(TransposeA ? "T" : "")} x [{string.Join(", ", B)}]{(TransposeB ? "T" : "")}";
    }
}
