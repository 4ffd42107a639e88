using System.Runtime.InteropServices;

namespace SpikeEngine.Peers;

/// <summary>The functions of OpenBLAS that a linear layer needs.</summary>
internal static partial class OpenBlas
{
    public const string Package = "libopenblas0";
    private const string Library = "libopenblas.so.0";
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transpose = 112;

    /// <summary>The processor it has kernels for.</summary>
    public static string Core => Marshal.PtrToStringUTF8(CoreName()) ?? "unknown";

    /// <summary>Threads of its own pool.</summary>
    [LibraryImport(Library, EntryPoint = "openblas_set_num_threads")]
    public static partial void SetThreads(int threads);

    /// <summary>y[m, n] = x[m, k] Wᵀ with W [n, k].</summary>
    public static unsafe void Linear(int m, int k, int n, float* x, float* weight, float* y)
    {
        if (m == 1)
            Gemv(RowMajor, NoTranspose, n, k, 1f, weight, k, x, 1, 0f, y, 1);
        else
            Gemm(RowMajor, NoTranspose, Transpose, m, n, k, 1f, x, k, weight, k, 0f, y, n);
    }

    [LibraryImport(Library, EntryPoint = "openblas_get_corename")]
    private static partial nint CoreName();

    [LibraryImport(Library, EntryPoint = "cblas_sgemm")]
    private static unsafe partial void Gemm(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);

    [LibraryImport(Library, EntryPoint = "cblas_sgemv")]
    private static unsafe partial void Gemv(
        int order, int transpose, int m, int n, float alpha, float* a, int lda, float* x, int incx, float beta, float* y, int incy);
}
