namespace SpikeEngine.Kernels;

/// <summary>C[m, n] (+)= A[m, k] · B[k, n] as one of many products that run beside each other, B packed to scratch of its own.</summary>
public readonly ref struct SingleMatMul : ISimdKernel
{
    /// <summary>A, [m, k] or stored as [k, m].</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>How A is stored.</summary>
    public required MatrixLayout LayoutA { get; init; }

    /// <summary>B, [k, n] or stored as [n, k].</summary>
    public required ReadOnlySpan<float> B { get; init; }

    /// <summary>How B is stored.</summary>
    public required MatrixLayout LayoutB { get; init; }

    /// <summary>[m, n]</summary>
    public required Span<float> C { get; init; }

    /// <summary>Rows of A and C.</summary>
    public required int M { get; init; }

    /// <summary>Columns of B and C.</summary>
    public required int N { get; init; }

    /// <summary>Length of the sums, not 0.</summary>
    public required int K { get; init; }

    /// <summary>Whether C's old values stay in the sum.</summary>
    public bool Accumulate { get; init; }

    /// <summary><see cref="PackPanels.Length"/> of B; nothing when a side is a vector.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        if (N == 1)
        {
            new MatrixVector { A = A, Layout = LayoutA, X = B[..K], Y = C[..M], Accumulate = Accumulate }.Run<L>();
            return;
        }

        if (M == 1)
        {
            MatrixLayout transpose = LayoutB with { Transposed = !LayoutB.Transposed };
            new MatrixVector { A = B, Layout = transpose, X = A[..K], Y = C[..N], Accumulate = Accumulate }.Run<L>();
            return;
        }

        ReadOnlySpan<float> packed = SmallMatMul.Pack(B, LayoutB.Stride, LayoutB.Transposed, K, N, Scratch);
        SmallMatMul.Multiply(M, N, K, A, LayoutA.Stride, LayoutA.Transposed, packed, C, N, Accumulate);
    }
}
