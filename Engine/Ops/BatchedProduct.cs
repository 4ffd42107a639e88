using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>A factor of a product: its matrices one after the other.</summary>
/// <param name="Factor">Which one.</param>
/// <param name="Memory">Values, or gradients.</param>
/// <param name="Layout">How each matrix is stored.</param>
internal readonly record struct Matrices(Factor Factor, Memory<float> Memory, MatrixLayout Layout)
{
    /// <summary>The same matrices, each transposed.</summary>
    public Matrices Transpose => this with { Layout = Layout with { Transposed = !Layout.Transposed } };
}

/// <summary>
/// C (+)= Σ L · R for stacks of matrices, the sum being over the axes that C lacks. Many small products run beside each other,
/// each on one thread; a large one has all threads to itself. Which it is follows from the sizes, and the bits do not depend on it.
/// </summary>
internal readonly record struct BatchedProduct
{
    private const int ManyMatrices = 4;
    private const int SmallRight = 1 << 17;    // floats of R that each thread packs for itself: half a megabyte
    private const long SmallWork = 1 << 24;    // multiply-adds of one product
    private const long PieceWork = 1 << 16;    // multiply-adds of a piece of work

    /// <summary>Rows of L and C.</summary>
    public required int M { get; init; }

    /// <summary>Columns of R and C.</summary>
    public required int N { get; init; }

    /// <summary>Columns of L, rows of R.</summary>
    public required int K { get; init; }

    /// <summary>The axes in front.</summary>
    public required BatchAxes Axes { get; init; }

    /// <summary>L, each [m, k].</summary>
    public required Matrices Left { get; init; }

    /// <summary>R, each [k, n].</summary>
    public required Matrices Right { get; init; }

    /// <summary>Which factor C is, or is the gradient of.</summary>
    public required Factor Target { get; init; }

    /// <summary>C, each [m, n].</summary>
    public required Memory<float> C { get; init; }

    /// <summary>Whether C's old values stay in the sum.</summary>
    public bool Accumulate { get; init; }

    private bool HasVector => M == 1 || N == 1;

    /// <summary>Computes C.</summary>
    public void Run()
    {
        int matrices = Axes.Count(Target), terms = Axes.Count(Target, summed: true);
        if (C.Length == 0)
            return;
        if (K == 0 || terms == 0)
        {
            if (!Accumulate)
                C.Span.Clear();
            return;
        }

        long work = (long)M * N * K * terms;
        if (matrices >= ManyMatrices && (long)K * N <= SmallRight && work <= SmallWork)
        {
            RowParallel.For(matrices, (int)Math.Max(1, PieceWork / work), (this, terms), static (s, start, end) =>
            {
                for (int index = start; index < end; index++)
                {
                    for (int term = 0; term < s.terms; term++)
                        s.Item1.Small(index, term);
                }
            }, heavy: true);
            return;
        }

        for (int index = 0; index < matrices; index++)
        {
            for (int term = 0; term < terms; term++)
                Large(index, term);
        }
    }

    private void Small(int index, int term) => Simd.Run(new SingleMatMul
    {
        A = Matrix(Left, M * K, index, term).Span,
        LayoutA = Left.Layout,
        B = Matrix(Right, K * N, index, term).Span,
        LayoutB = Right.Layout,
        C = C.Span.Slice(index * M * N, M * N),
        M = M, N = N, K = K, Accumulate = Accumulate || term > 0,
        Scratch = HasVector ? [] : ThreadScratch.Take(PackPanels.Length(K, N)),
    });

    private void Large(int index, int term)
    {
        Memory<float> left = Matrix(Left, M * K, index, term), right = Matrix(Right, K * N, index, term), c = C.Slice(index * M * N, M * N);
        bool accumulate = Accumulate || term > 0;
        MatrixProduct.Run(M, N, K, new MatrixView(left, Left.Layout), new MatrixView(right, Right.Layout), c, accumulate);
    }

    private Memory<float> Matrix(Matrices from, int size, int index, int term) =>
        from.Memory.Slice(Axes.Matrix(Target, index, term, from.Factor) * size, size);
}
