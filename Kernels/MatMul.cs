using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>A matrix in memory: element (i, j) at i * <paramref name="Stride"/> + j, or with i and j exchanged when transposed.</summary>
/// <param name="Stride">Distance between stored rows.</param>
/// <param name="Transposed">Whether the stored matrix is the transpose of the one meant.</param>
public readonly record struct MatrixLayout(int Stride, bool Transposed);

/// <summary>Which half of a square factor or product counts; the other is left out where whole tiles fall into it.</summary>
public enum Triangle
{
    /// <summary>Everything counts.</summary>
    None,

    /// <summary>A[i, k] is zero for k &gt; i.</summary>
    LowerA,

    /// <summary>A[i, k] is zero for k &lt; i.</summary>
    UpperA,

    /// <summary>C[i, j] is not read for j &gt; i, and may stay undefined there.</summary>
    LowerC,
}

/// <summary>
/// C[m, n] = start + A[m, k] · B[k, n] with B packed by <see cref="PackPanels"/>. With A packed too, a block of its rows stays in the
/// second-level cache and a panel of B in the first, while tiles go down the rows: the narrow operand streams. Otherwise a tile's slice of A
/// stays in the first-level cache while a few panels pass; a transposed A is then packed on the way, tile by tile.
/// </summary>
public readonly ref struct MatMulRows : ISimdKernel
{
    /// <summary>Panels of B that stay in the second-level cache while all rows of A pass.</summary>
    public const int PanelBlock = 8;

    private const int KBlock = 512;     // longer sums read and write C less often, though a panel of B then comes from the second-level cache
    private const int RowBlock = 96;    // rows of A, which with as much of K take 192 KB of the second-level cache; whole tiles
    private const int NearFloats = 8192;   // a transposed A up to this lies in the first-level cache, and is read where it lies
    private const int MaxTileRows = 12;
    private const int MaxTileColumns = 32;

    /// <summary>A, [m, k] or stored as [k, m]; or as <see cref="PackRows"/> leaves it.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>How A is stored; of no meaning when it is packed.</summary>
    public MatrixLayout Layout { get; init; }

    /// <summary>Whether A has been packed by <see cref="PackRows"/>: worth its pass over A when B has many columns.</summary>
    public bool HasPackedA { get; init; }

    /// <summary>B in panels.</summary>
    public required ReadOnlySpan<float> Packed { get; init; }

    /// <summary>[m, n] with rows <see cref="CStride"/> apart.</summary>
    public required Span<float> C { get; init; }

    /// <summary>Distance between rows of C.</summary>
    public required int CStride { get; init; }

    /// <summary>Which half of A is zero, or of C not wanted; nothing is said about an A packed by <see cref="PackRows"/>.</summary>
    public Triangle Triangle { get; init; }

    /// <summary>Rows of A and C.</summary>
    public required int M { get; init; }

    /// <summary>Columns of B and C.</summary>
    public required int N { get; init; }

    /// <summary>Length of the sums.</summary>
    public required int K { get; init; }

    /// <summary>What the sums are added to where they are written first, so that it costs no pass of its own; empty for nothing. May be C itself.</summary>
    public ReadOnlySpan<float> Start { get; init; }

    /// <summary>Distance between rows of the start; 0 for one row for all.</summary>
    public int StartStride { get; init; }

    /// <inheritdoc/>
    [SkipLocalsInit]   // the scratch tiles are written before they are read
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Triangle is Triangle.None or Triangle.LowerC || M == K, "only a square factor has a zero half");
        Debug.Assert(M == 0 || N == 0 || C.Length >= (M - 1) * CStride + N, "C is short");
        if (HasPackedA)
            RunPacked<L>();
        else
            RunAsItLies<L>();
    }

    [SkipLocalsInit]
    private void RunPacked<L>()
        where L : struct, ILanes<L>
    {
        int tileRows = MatMulTile.Rows<L>(), width = MatMulTile.Columns<L>();
        Span<float> edge = stackalloc float[MaxTileRows * MaxTileColumns];
        for (int firstRow = 0; firstRow < M; firstRow += RowBlock)
        {
            int endRow = Math.Min(firstRow + RowBlock, M);
            for (int k = 0; k < K; k += KBlock)
            {
                int length = Math.Min(KBlock, K - k);
                for (int column = 0; column < N; column += width)
                {
                    for (int row = firstRow; row < endRow; row += tileRows)
                        RunTile<L>(row, Math.Min(tileRows, M - row), column, k, length, k == 0, A.Slice(row * K + k * tileRows, length * tileRows), 1, tileRows, edge);
                }
            }
        }
    }

    [SkipLocalsInit]
    private void RunAsItLies<L>()
        where L : struct, ILanes<L>
    {
        int tileRows = MatMulTile.Rows<L>();
        Span<float> packedA = stackalloc float[KBlock * MaxTileRows];
        Span<float> edge = stackalloc float[MaxTileRows * MaxTileColumns];
        for (int k = 0; k < K; k += KBlock)
        {
            int length = Math.Min(KBlock, K - k);
            for (int column = 0; column < N; column += PanelBlock * MatMulTile.Columns<L>())
            {
                int end = Math.Min(column + PanelBlock * MatMulTile.Columns<L>(), N);
                for (int row = 0; row < M; row += tileRows)
                    RunRowOfTiles<L>(row, column, end, k, length, packedA, edge);
            }
        }
    }

    /// <summary>Whole tiles, and what is left below the last of them in tiles of four rows, and of fewer.</summary>
    private void RunRowOfTiles<L>(int row, int firstColumn, int endColumn, int k, int length, Span<float> packedA, Span<float> edge)
        where L : struct, ILanes<L>
    {
        int tileRows = MatMulTile.Rows<L>(), endRow = Math.Min(row + tileRows, M);
        for (int rows; row < endRow; row += rows)
        {
            rows = endRow - row == tileRows ? tileRows : Math.Min(endRow - row, MatMulTile.FewRows);
            RunTiles<L>(row, rows, firstColumn, endColumn, k, length, packedA, edge);
        }
    }

    private void RunTiles<L>(int row, int rows, int firstColumn, int endColumn, int k, int length, Span<float> packedA, Span<float> edge)
        where L : struct, ILanes<L>
    {
        int tileRows = MatMulTile.Rows<L>(), width = MatMulTile.Columns<L>();
        bool isFirst = k == 0;
        if (K <= KBlock)
            (k, length) = WithinTriangle(row, rows, length);
        ReadOnlySpan<float> a;
        int rowStride, columnStride;
        bool liesWell = !Layout.Transposed || rows == MatMulTile.FewRows || length * Layout.Stride <= NearFloats;
        if (liesWell && (rows == tileRows || rows == MatMulTile.FewRows))
        {
            a = A[(Layout.Transposed ? k * Layout.Stride + row : row * Layout.Stride + k)..];
            (rowStride, columnStride) = Layout.Transposed ? (1, Layout.Stride) : (Layout.Stride, 1);
        }
        else
        {
            PackA(row, rows, tileRows, k, length, packedA);
            a = packedA;
            (rowStride, columnStride) = (1, tileRows);
        }

        int end = Triangle == Triangle.LowerC ? Math.Min(endColumn, row + rows) : endColumn;
        for (int column = firstColumn; column < end; column += width)
            RunTile<L>(row, rows, column, k, length, isFirst, a, rowStride, columnStride, edge);
    }

    /// <summary>Which part of the sums is not zero for some rows: K is one block.</summary>
    private (int First, int Length) WithinTriangle(int row, int rows, int length) => Triangle switch
    {
        Triangle.LowerA => (0, Math.Min(length, row + rows)),
        Triangle.UpperA => (Math.Min(row, length), length - Math.Min(row, length)),
        _ => (0, length),
    };

    private void RunTile<L>(
        int row, int rows, int column, int k, int length, bool isFirst, ReadOnlySpan<float> a, int rowStride, int columnStride, Span<float> edge)
        where L : struct, ILanes<L>
    {
        int tileRows = MatMulTile.Rows<L>(), width = MatMulTile.Columns<L>(), columns = Math.Min(width, N - column);
        ReadOnlySpan<float> b = Packed.Slice(column * K + k * width, length * width);

        // From the second block of K on, the sums so far.
        ReadOnlySpan<float> start = isFirst ? Start : C;
        int startStride = isFirst ? StartStride : CStride;
        if (columns == width && rows == tileRows)
        {
            ReadOnlySpan<float> from = start.IsEmpty ? start : start[(row * startStride + column)..];
            MatMulTile.Run<L>(length, a, rowStride, columnStride, b, C[(row * CStride + column)..], CStride, from, startStride);
            return;
        }

        if (columns == width && rows == MatMulTile.FewRows)
        {
            ReadOnlySpan<float> from = start.IsEmpty ? start : start[(row * startStride + column)..];
            MatMulTile.RunFew<L>(length, a, rowStride, columnStride, b, C[(row * CStride + column)..], CStride, from, startStride);
            return;
        }

        if (rows == MatMulTile.FewRows)
            MatMulTile.RunFew<L>(length, a, rowStride, columnStride, b, edge, width, start: [], lds: 0);
        else
            MatMulTile.Run<L>(length, a, rowStride, columnStride, b, edge, width, start: [], lds: 0);
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> from = start.IsEmpty ? start : start.Slice((row + r) * startStride + column, columns);
            PutEdge(edge.Slice(r * width, columns), C.Slice((row + r) * CStride + column, columns), from);
        }
    }

    /// <summary>A's tile as [k][tileRows]; rows past the end repeat nothing, they are zero.</summary>
    private void PackA(int row, int rows, int tileRows, int k, int length, Span<float> to)
    {
        if (rows < tileRows)
            to[..(length * tileRows)].Clear();
        for (int i = 0; i < length; i++)
        {
            if (Layout.Transposed)
            {
                A.Slice((k + i) * Layout.Stride + row, rows).CopyTo(to.Slice(i * tileRows, rows));
                continue;
            }

            for (int r = 0; r < rows; r++)
                to[i * tileRows + r] = A[(row + r) * Layout.Stride + k + i];
        }
    }

    private static void PutEdge(ReadOnlySpan<float> sums, Span<float> to, ReadOnlySpan<float> start)
    {
        if (start.IsEmpty)
            sums.CopyTo(to);
        for (int i = 0; i < start.Length; i++)
            to[i] = start[i] + sums[i];   // the start may be where the result goes
    }
}
