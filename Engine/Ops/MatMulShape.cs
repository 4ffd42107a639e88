using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Sizes of y = a b and how its factors are stored: each matrix of a as [m, k] or [k, m], of b as [k, n] or [n, k].</summary>
/// <param name="M">Rows of y.</param>
/// <param name="N">Columns of y.</param>
/// <param name="K">Length of the sums.</param>
/// <param name="TransposeA">Whether a is stored as [k, m].</param>
/// <param name="TransposeB">Whether b is stored as [n, k].</param>
/// <param name="Axes">The axes in front.</param>
internal readonly record struct MatMulShape(int M, int N, int K, bool TransposeA, bool TransposeB, BatchAxes Axes)
{
    /// <summary>
    /// Of the factors' shapes, as numpy has it: a vector is a row on the left, a column on the right, and y lacks that axis.
    /// </summary>
    /// <param name="a">[..., m, k], or [..., k, m] when transposed, or [k].</param>
    /// <param name="b">[..., k, n], or [..., n, k] when transposed, or [k].</param>
    /// <param name="transposeA">Whether a's last two axes are exchanged; means nothing for a vector.</param>
    /// <param name="transposeB">Whether b's last two axes are exchanged; means nothing for a vector.</param>
    /// <param name="y">[..., m, n], [1] for two vectors.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static MatMulShape Of(Shape a, Shape b, bool transposeA, bool transposeB, out Shape y)
    {
        if (a.Rank == 0 || b.Rank == 0)
            throw new ArgumentException($"a is {a}, b is {b}: a product wants vectors or matrices.");
        bool vectorA = a.Rank == 1, vectorB = b.Rank == 1;
        transposeA &= !vectorA;
        transposeB &= !vectorB;
        (int m, int k) = vectorA ? (1, a[0]) : transposeA ? (a[-1], a[-2]) : (a[-2], a[-1]);
        (int rows, int n) = vectorB ? (b[0], 1) : transposeB ? (b[-1], b[-2]) : (b[-2], b[-1]);
        if (k != rows)
        {
            throw new ArgumentException(
                $"a is {Describe(a, transposeA)}, b is {Describe(b, transposeB)}: the sums have {k} terms in a and {rows} in b.");
        }


        ReadOnlySpan<int> leadingA = vectorA ? [] : a.Dims[..^2], leadingB = vectorB ? [] : b.Dims[..^2];
        int rank = Math.Max(leadingA.Length, leadingB.Length);
        Span<int> dims = stackalloc int[rank + 2];
        BatchAxes axes = BatchAxes.Of(leadingA, leadingB, dims[..rank]) ?? throw new ArgumentException(
            $"a is {Describe(a, transposeA)}, b is {Describe(b, transposeB)}: the leading axes must be equal, or 1 in one of them.");
        if (!vectorA)
            dims[rank++] = m;
        if (!vectorB)
            dims[rank++] = n;
        y = rank == 0 ? new Shape(1) : new Shape(dims[..rank]);

        // One b for all of a: a's matrices, one below the other, are a single one.
        return axes.Count(Factor.B) == 1 && !transposeA
            ? new MatMulShape(axes.Count(Factor.Y) * m, n, k, false, transposeB, default)
            : new MatMulShape(m, n, k, transposeA, transposeB, axes);
    }

    /// <summary>Multiply-adds, each counted as two.</summary>
    public long Flops => 2L * Axes.Count(Factor.Y) * M * N * K;

    /// <summary>a, each matrix as [m, k].</summary>
    public Matrices A(Tensor a) => new(Factor.A, a.ValueMemory, new MatrixLayout(TransposeA ? M : K, TransposeA));

    /// <summary>b, each matrix as [k, n].</summary>
    public Matrices B(Tensor b) => new(Factor.B, b.ValueMemory, new MatrixLayout(TransposeB ? K : N, TransposeB));

    /// <summary>The gradient of y, each matrix as [m, n].</summary>
    public Matrices GradY(Tensor y) => new(Factor.Y, y.GradMemory, new MatrixLayout(N, Transposed: false));

    private static string Describe(Shape shape, bool transposed) => transposed ? $"{shape} transposed" : shape.ToString();
}
