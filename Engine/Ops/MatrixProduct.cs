using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>A matrix inside a tensor's memory.</summary>
/// <param name="Memory">Where the values are: a tensor, or its gradient.</param>
/// <param name="Layout">How they are stored.</param>
internal readonly record struct MatrixView(Memory<float> Memory, MatrixLayout Layout)
{
    /// <summary>The transpose, in the same memory.</summary>
    public MatrixView Transpose => this with { Layout = Layout with { Transposed = !Layout.Transposed } };

    /// <summary>Whether the elements of a row lie side by side.</summary>
    public bool HasContiguousRows => !Layout.Transposed || Layout.Stride == 1;
}

/// <summary>
/// C (+)= A · B on all threads. B is packed once, then pieces of C's rows are independent; the length of a sum is never
/// divided between threads, so the bits do not depend on their number.
/// </summary>
internal static class MatrixProduct
{
    private const int RowGrain = 96;      // a multiple of the tile's 12 and 6 rows
    private const int PanelGrain = 8;
    private const int TileGrain = 8;
    private const int FewColumns = 128;   // for which it is not worth packing A
    private const int VectorWork = 1 << 18;   // multiply-adds in a piece of a product with a vector: a megabyte of the matrix
    private const int SerialWork = 1 << 16;   // multiply-adds below which a second thread costs more than it brings

    /// <summary>C[m, n] (+)= A[m, k] · B[k, n].</summary>
    internal static void Run(int m, int n, int k, MatrixView a, MatrixView b, Memory<float> c, bool accumulate)
    {
        if (m == 0 || n == 0)
            return;
        if (k == 0)
        {
            if (!accumulate)
                c.Span[..(m * n)].Clear();
            return;
        }

        // A vector needs no packing, and a tile would be mostly empty.
        if (n == 1 && b.Transpose.HasContiguousRows)
        {
            TimesVector(a, b.Memory[..k], c[..m], accumulate);
            return;
        }

        if (m == 1 && a.HasContiguousRows)
        {
            TimesVector(b.Transpose, a.Memory[..k], c[..n], accumulate);
            return;
        }

        Memory<float> packed = Workspace.RentTemporary(PackPanels.Length(k, n), out Workspace.Mark mark);
        int panels = PackPanels.Panels(n);
        bool small = (long)m * n * k < SerialWork;

        RowParallel.For(panels, small ? panels : PanelGrain, (b, k, n, packed), static (s, start, end) => Simd.Run(new PackPanels
        {
            B = s.b.Memory.Span, Layout = s.b.Layout, K = s.k, N = s.n,
            FirstPanel = start, PanelCount = end - start, Packed = s.packed.Span,
        }));

        if (n <= FewColumns || small)
            RowsOfC(m, n, k, a, packed, c, accumulate, small ? m : RowGrain);
        else
            PackedRowsOfC(m, n, k, a, packed, c, accumulate);
        mark.Release();
    }

    /// <summary>Pieces of some rows of C, A as it lies.</summary>
    private static void RowsOfC(int m, int n, int k, MatrixView a, Memory<float> packedB, Memory<float> c, bool accumulate, int grain) =>
        RowParallel.For(m, grain, (a, packedB, c, n, k, accumulate), static (s, start, end) => Simd.Run(new MatMulRows
        {
            A = s.a.Memory.Span[(s.a.Layout.Transposed ? start : start * s.a.Layout.Stride)..], Layout = s.a.Layout,
            Packed = s.packedB.Span, C = s.c.Span[(start * s.n)..], CStride = s.n,
            M = end - start, N = s.n, K = s.k, Accumulate = s.accumulate,
        }), heavy: true);

    /// <summary>
    /// A packed as well, and pieces along the longer side of C: what a piece reads once for itself, some columns of B or some rows of A,
    /// stays in its cache, and the shorter side passes.
    /// </summary>
    private static void PackedRowsOfC(int m, int n, int k, MatrixView a, Memory<float> packedB, Memory<float> c, bool accumulate)
    {
        Memory<float> packedA = Workspace.RentTemporary(PackRows.Length(m, k), out Workspace.Mark mark);
        RowParallel.For(PackRows.Tiles(m), TileGrain, (a, m, k, packedA), static (s, start, end) => Simd.Run(new PackRows
        {
            A = s.a.Memory.Span, Layout = s.a.Layout, M = s.m, K = s.k, FirstTile = start, TileCount = end - start, Packed = s.packedA.Span,
        }));

        var product = (m, n, k, packedA, packedB, c, accumulate);
        if (n >= m)
        {
            RowParallel.For(n, MatMulRows.PanelBlock * PackPanels.Width, product, static (s, start, end) => Simd.Run(new MatMulRows
            {
                A = s.packedA.Span, HasPackedA = true, Packed = s.packedB.Span[(start * s.k)..], C = s.c.Span[start..], CStride = s.n,
                M = s.m, N = end - start, K = s.k, Accumulate = s.accumulate,
            }), heavy: true);
        }
        else
        {
            RowParallel.For(m, RowGrain, product, static (s, start, end) => Simd.Run(new MatMulRows
            {
                A = s.packedA.Span[(start * s.k)..], HasPackedA = true, Packed = s.packedB.Span, C = s.c.Span[(start * s.n)..], CStride = s.n,
                M = end - start, N = s.n, K = s.k, Accumulate = s.accumulate,
            }), heavy: true);
        }

        mark.Release();
    }

    /// <summary>y[m] (+)= A[m, k] · x[k], in pieces of y.</summary>
    private static void TimesVector(MatrixView a, Memory<float> x, Memory<float> y, bool accumulate) =>
        RowParallel.For(y.Length, Math.Max(1, VectorWork / x.Length), (a, x, y, accumulate), static (s, start, end) => Simd.Run(new MatrixVector
        {
            A = s.a.Memory.Span[(s.a.Layout.Transposed ? start : start * s.a.Layout.Stride)..],
            Layout = s.a.Layout,
            X = s.x.Span,
            Y = s.y.Span[start..end],
            Accumulate = s.accumulate,
        }), heavy: true);
}
