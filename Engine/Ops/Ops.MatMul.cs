namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = a b, matrix by matrix, with numpy's rules: leading axes are broadcast, a vector is a row on the left and a column on
    /// the right and leaves no axis behind. Transposed factors are read as they are stored, without a copy.
    /// </summary>
    /// <param name="a">[..., m, k], or [..., k, m] with <paramref name="transposeA"/>, or [k].</param>
    /// <param name="b">[..., k, n], or [..., n, k] with <paramref name="transposeB"/>, or [k].</param>
    /// <param name="transposeA">Whether a's last two axes are exchanged; means nothing for a vector.</param>
    /// <param name="transposeB">Whether b's last two axes are exchanged; means nothing for a vector.</param>
    /// <returns>[..., m, n], without the axes that vectors lack; [1] for two vectors.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="NotSupportedException">Broadcast and other leading axes alternate more than eight times.</exception>
    public static Tensor MatMul(Tensor a, Tensor b, bool transposeA = false, bool transposeB = false)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var shape = MatMulShape.Of(a.Shape, b.Shape, transposeA, transposeB, out Shape result);

        using var timing = Profiler.Time(flops: shape.Flops);
        Tensor y = new(result);
        new BatchedProduct
        {
            M = shape.M, N = shape.N, K = shape.K, Axes = shape.Axes,
            Left = shape.A(a), Right = shape.B(b), Target = Factor.Y, C = y.ValueMemory,
        }.Run();
        return Tape.Record(
            y, [a, b], (a, b, shape), static (s, y) => MatMulBackward(s.a, s.b, s.shape, y),
            inDouble: static (s, v) => MatMulInDouble(v[0], v[1], s.shape));
    }

    /// <summary>
    /// grad_a += grad_y bᵀ and grad_b += aᵀ grad_y, or their transposes, as a and b are stored; summed over broadcast axes.
    /// </summary>
    private static void MatMulBackward(Tensor a, Tensor b, MatMulShape shape, Tensor y)
    {
        (int m, int n, int k, bool transposeA, bool transposeB, BatchAxes axes) = shape;
        Matrices left = shape.A(a), right = shape.B(b), gradY = shape.GradY(y);
        if (a.NeedsGrad)
        {
            bool accumulate = a.ClaimGrad();
            new BatchedProduct
            {
                M = transposeA ? k : m, N = transposeA ? m : k, K = n, Axes = axes,
                Left = transposeA ? right : gradY, Right = transposeA ? gradY.Transpose : right.Transpose,
                Target = Factor.A, C = a.GradMemory, Accumulate = accumulate,
            }.Run();
        }

        if (b.NeedsGrad)
        {
            bool accumulate = b.ClaimGrad();
            new BatchedProduct
            {
                M = transposeB ? n : k, N = transposeB ? k : n, K = m, Axes = axes,
                Left = transposeB ? gradY.Transpose : left.Transpose, Right = transposeB ? left : gradY,
                Target = Factor.B, C = b.GradMemory, Accumulate = accumulate,
            }.Run();
        }
    }

    private static double[] MatMulInDouble(double[] a, double[] b, MatMulShape shape)
    {
        (int m, int n, int k, bool transposeA, bool transposeB, BatchAxes axes) = shape;
        double[] y = new double[axes.Count(Factor.Y) * m * n];
        for (int at = 0; at < y.Length; at++)
        {
            (int matrix, int rest) = Math.DivRem(at, m * n);
            (int i, int j) = Math.DivRem(rest, n);
            int startA = axes.Matrix(Factor.Y, matrix, 0, Factor.A) * m * k;
            int startB = axes.Matrix(Factor.Y, matrix, 0, Factor.B) * k * n;
            for (int l = 0; l < k; l++)
                y[at] += a[startA + (transposeA ? l * m + i : i * k + l)] * b[startB + (transposeB ? j * k + l : l * n + j)];
        }

        return y;
    }
}
