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

/// <summary>What a product is added to.</summary>
/// <param name="Memory">A matrix like the result, or one row for all of its rows; empty for nothing.</param>
/// <param name="Stride">Distance between rows; 0 for one row for all.</param>
internal readonly record struct ProductStart(Memory<float> Memory, int Stride)
{
    /// <summary>From a row and a column on.</summary>
    public ReadOnlySpan<float> From(int row, int column) => Memory.IsEmpty ? [] : Memory.Span[(row * Stride + column)..];

    /// <summary>Writes it to [rows, n].</summary>
    public void CopyTo(Span<float> c, int n)
    {
        if (Memory.IsEmpty)
            c.Clear();
        for (int at = 0; at < c.Length && !Memory.IsEmpty; at += n)
            From(at / n, 0)[..n].CopyTo(c.Slice(at, n));
    }
}

/// <summary>
/// C = start + A · B on all threads. B is packed once, then pieces of C's rows are independent; the length of a sum is never
/// divided between threads, so the bits do not depend on their number.
/// </summary>
internal static class MatrixProduct
{
    private const int RowGrain = 48;      // a multiple of the tile's 12 and 6 rows; few enough for threads to end at about the same time
    private const int ManyRows = 1024;
    private const int StoredRowGrain = 96;   // of a transposed A: as many elements of each stored row are read side by side
    private const int LeastPieces = 8;
    private const int PanelGrain = 8;
    private const int TileGrain = 8;
    private const int FewColumns = 128;   // for which it is not worth packing A
    private const int FewRows = 24;       // a few tiles of A, which stay in the first-level cache as they are
    private const int VectorWork = 1 << 18;   // multiply-adds in a piece of a product with a vector: a megabyte of the matrix
    private const int SerialWork = 1 << 16;   // multiply-adds below which a second thread costs more than it brings

    /// <summary>C[m, n] (+)= A[m, k] · B[k, n].</summary>
    internal static void Run(int m, int n, int k, MatrixView a, MatrixView b, Memory<float> c, bool accumulate)
    {
        if (k > 0 || !accumulate)
            Run(m, n, k, a, b, c, accumulate ? new ProductStart(c, n) : default);
    }

    /// <summary>C[m, n] = start + A[m, k] · B[k, n].</summary>
    internal static void Run(int m, int n, int k, MatrixView a, MatrixView b, Memory<float> c, ProductStart start)
    {
        if (m == 0 || n == 0)
            return;
        if (k == 0)
        {
            start.CopyTo(c.Span[..(m * n)], n);
            return;
        }

        // A vector needs no packing, and a tile would be mostly empty.
        bool isColumn = n == 1 && b.Transpose.HasContiguousRows;
        if (isColumn || (m == 1 && a.HasContiguousRows))
        {
            bool hasOwnStart = !start.Memory.IsEmpty && !start.Memory.Equals(c);
            if (hasOwnStart)
                start.CopyTo(c.Span[..(m * n)], n);
            if (isColumn)
                TimesVector(a, b.Memory[..k], c[..m], accumulate: !start.Memory.IsEmpty);
            else
                TimesVector(b.Transpose, a.Memory[..k], c[..n], accumulate: !start.Memory.IsEmpty);
            return;
        }

        Memory<float> packed = Workspace.RentTemporary(PackPanels.Length(k, n), out Workspace.Mark mark);
        int panels = PackPanels.Panels(n);
        Pack(b, k, n, packed, IsSmall(m, n, k) ? panels : PanelGrain);
        TimesPacked(m, n, k, a, packed, c, start);
        mark.Release();
    }

    /// <summary>Packs B[k, n] for <see cref="TimesPacked"/>.</summary>
    internal static void Pack(MatrixView b, int k, int n, Memory<float> packed, int grain = PanelGrain) =>
        RowParallel.For(PackPanels.Panels(n), grain, (b, k, n, packed), static (s, start, end) => Simd.Run(new PackPanels
        {
            B = s.b.Memory.Span, Layout = s.b.Layout, K = s.k, N = s.n,
            FirstPanel = start, PanelCount = end - start, Packed = s.packed.Span,
        }));

    /// <summary>C[m, n] = start + A[m, k] · B[k, n], B in panels; no size is 0.</summary>
    internal static void TimesPacked(int m, int n, int k, MatrixView a, Memory<float> packedB, Memory<float> c, ProductStart start)
    {
        var product = new Product(m, n, k, a, packedB, c, start);
        if (IsSmall(m, n, k))
            product.Run(0, m, 0, n, isPacked: false);
        else if (m <= FewRows)
            RowParallel.For(n, ColumnGrain, product, static (p, start, end) => p.Run(0, p.M, start, end, isPacked: false), heavy: true);
        else if (n <= FewColumns)
            RowParallel.For(m, RowGrain, product, static (p, start, end) => p.Run(start, end, 0, p.N, isPacked: false), heavy: true);
        else
            TimesPackedBoth(product);
    }

    /// <summary>Columns of C in a piece: their panels stay in the second-level cache while all rows of A pass.</summary>
    internal static int ColumnGrain => MatMulRows.PanelBlock * PackPanels.Width;

    /// <summary>Packs A[m, k] as <see cref="PackRows"/> does.</summary>
    internal static void PackLeft(MatrixView a, int m, int k, Memory<float> packed) =>
        RowParallel.For(PackRows.Tiles(m), TileGrain, (a, m, k, packed), static (s, start, end) => Simd.Run(new PackRows
        {
            A = s.a.Memory.Span, Layout = s.a.Layout, M = s.m, K = s.k, FirstTile = start, TileCount = end - start, Packed = s.packed.Span,
        }));

    private static bool IsSmall(int m, int n, int k) => (long)m * n * k < SerialWork;

    /// <summary>
    /// A packed as well, and pieces along the longer side of C: what a piece reads once for itself, some columns of B or some rows of A,
    /// stays in its cache, and the shorter side passes. Rows of A that one piece alone reads are packed by it, right before.
    /// </summary>
    private static void TimesPackedBoth(Product product)
    {
        if (product.N <= product.M)
        {
            int rows = product.A.Layout.Transposed ? StoredRowGrain : product.M < ManyRows ? RowGrain / 2 : RowGrain;
            RowParallel.For(product.M, rows, product, static (p, start, end) => p.PackAndRun(start, end), heavy: true);
            return;
        }

        Memory<float> packedA = Workspace.RentTemporary(PackRows.Length(product.M, product.K), out Workspace.Mark mark);
        PackLeft(product.A, product.M, product.K, packedA);
        product = product with { A = new MatrixView(packedA, default) };
        int columns = Math.Clamp(product.N / (LeastPieces * PackPanels.Width), 1, MatMulRows.PanelBlock) * PackPanels.Width;
        RowParallel.For(product.N, columns, product, static (p, start, end) => p.Run(0, p.M, start, end, isPacked: true), heavy: true);
        mark.Release();
    }

    /// <summary>A product with B in panels, of which any piece of C can be made by itself.</summary>
    private readonly record struct Product(int M, int N, int K, MatrixView A, Memory<float> PackedB, Memory<float> C, ProductStart Start)
    {
        /// <summary>The rows [row, endRow) of the columns [column, endColumn); pieces begin where a tile or a panel does.</summary>
        public void Run(int row, int endRow, int column, int endColumn, bool isPacked)
        {
            int firstOfA = isPacked ? row * K : A.Layout.Transposed ? row : row * A.Layout.Stride;
            Run(A.Memory.Span[firstOfA..], row, endRow, column, endColumn, isPacked);
        }

        /// <summary>The rows [row, endRow), which are packed before.</summary>
        public void PackAndRun(int row, int endRow)
        {
            int rows = endRow - row;
            Span<float> packed = ThreadScratch.Take(PackRows.Length(rows, K));
            Simd.Run(new PackRows
            {
                A = A.Memory.Span[(A.Layout.Transposed ? row : row * A.Layout.Stride)..], Layout = A.Layout, M = rows, K = K,
                TileCount = PackRows.Tiles(rows), Packed = packed,
            });
            Run(packed, row, endRow, 0, N, isPacked: true);
        }

        private void Run(ReadOnlySpan<float> a, int row, int endRow, int column, int endColumn, bool isPacked) =>
            Simd.Run(new MatMulRows
            {
                A = a, HasPackedA = isPacked, Layout = A.Layout, Packed = PackedB.Span[(column * K)..],
                C = C.Span[(row * N + column)..], CStride = N, M = endRow - row, N = endColumn - column, K = K,
                Start = Start.From(row, column), StartStride = Start.Stride,
            });
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
