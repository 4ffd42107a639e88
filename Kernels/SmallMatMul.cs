namespace SpikeEngine.Kernels;

/// <summary>
/// Matrix products inside another kernel: single-threaded, operands in cache, B packed by the caller once per use. They
/// choose their registers themselves: lanes of a product never meet.
/// </summary>
internal static class SmallMatMul
{
    /// <summary>Packs B[k, n] to the front of <paramref name="scratch"/>.</summary>
    internal static ReadOnlySpan<float> Pack(ReadOnlySpan<float> b, int stride, bool transposed, int k, int n, Span<float> scratch)
    {
        Span<float> packed = scratch[..PackPanels.Length(k, n)];
        Simd.Run(new PackPanels
        {
            B = b, Layout = new MatrixLayout(stride, transposed), K = k, N = n, PanelCount = PackPanels.Panels(n), Packed = packed,
        });
        return packed;
    }

    /// <summary>C[m, n] (+)= A[m, k] · B[k, n], with A stored as [k, m] when <paramref name="transposed"/>.</summary>
    internal static void Multiply(
        int m, int n, int k, ReadOnlySpan<float> a, int stride, bool transposed, ReadOnlySpan<float> packedB, Span<float> c, int cStride, bool accumulate,
        Triangle triangle = Triangle.None) =>
        Simd.Run(new MatMulRows
        {
            A = a, Layout = new MatrixLayout(stride, transposed), Packed = packedB,
            C = c, CStride = cStride, M = m, N = n, K = k, Start = accumulate ? c : default, StartStride = cStride, Triangle = triangle,
        });
}
