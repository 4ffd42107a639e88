namespace SpikeEngine.Kernels;

/// <summary>Matrix products inside another kernel: single-threaded, operands in cache, B packed by the caller once per use.</summary>
internal static class SmallMatMul
{
    /// <summary>Floats that <see cref="Pack"/> needs for a [k, n] matrix.</summary>
    internal static int PackedLength<L>(int k, int n)
        where L : struct, ILanes<L>
    {
        int width = MatMulTile.Columns<L>();
        return k * ((n + width - 1) / width) * width;
    }

    /// <summary>Packs B[k, n] to the front of <paramref name="scratch"/>.</summary>
    internal static ReadOnlySpan<float> Pack<L>(ReadOnlySpan<float> b, int stride, bool transposed, int k, int n, Span<float> scratch)
        where L : struct, ILanes<L>
    {
        int length = PackedLength<L>(k, n);
        Span<float> packed = scratch[..length];
        new PackPanels
        {
            B = b, Layout = new MatrixLayout(stride, transposed), K = k, N = n,
            PanelCount = length / (k * MatMulTile.Columns<L>()), Packed = packed,
        }.Run<L>();
        return packed;
    }

    /// <summary>C[m, n] (+)= A[m, k] · B[k, n], with A stored as [k, m] when <paramref name="transposed"/>.</summary>
    internal static void Multiply<L>(
        int m, int n, int k, ReadOnlySpan<float> a, int stride, bool transposed, ReadOnlySpan<float> packedB, Span<float> c, int cStride, bool accumulate)
        where L : struct, ILanes<L> =>
        new MatMulRows
        {
            A = a, Layout = new MatrixLayout(stride, transposed), Packed = packedB,
            C = c, CStride = cStride, M = m, N = n, K = k, Accumulate = accumulate,
        }.Run<L>();
}
