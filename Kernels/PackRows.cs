namespace SpikeEngine.Kernels;

/// <summary>
/// Copies A[m, k] into the tiles of <see cref="MatMulRows"/>, [tile][k][rows of a tile], the last one padded with zeros: then a
/// tile is read in one stream, whatever the distance between rows, and rows a power of two apart do not push each other out.
/// </summary>
public readonly ref struct PackRows : ISimdKernel
{
    private const int StoredRows = 8;

    /// <summary>A, [m, k] or stored as [k, m].</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>How A is stored.</summary>
    public required MatrixLayout Layout { get; init; }

    /// <summary>Rows of A.</summary>
    public required int M { get; init; }

    /// <summary>Columns of A.</summary>
    public required int K { get; init; }

    /// <summary>First tile to pack.</summary>
    public int FirstTile { get; init; }

    /// <summary>Tiles to pack.</summary>
    public required int TileCount { get; init; }

    /// <summary>All tiles, <see cref="Length"/> floats.</summary>
    public required Span<float> Packed { get; init; }

    /// <summary>Rows in a tile at the width in use.</summary>
    public static int Rows => MatMulTile.RowsAt(Simd.Lanes);

    /// <summary>Number of tiles of an m-row matrix at the width in use.</summary>
    public static int Tiles(int m) => (m + Rows - 1) / Rows;

    /// <summary>Floats needed for all tiles of an [m, k] matrix at the width in use.</summary>
    public static int Length(int m, int k) => checked(Tiles(m) * Rows * k);

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int tileRows = MatMulTile.Rows<L>(), firstRow = FirstTile * tileRows, endRow = Math.Min(firstRow + TileCount * tileRows, M);
        int whole = (endRow - firstRow) / tileRows * tileRows;
        if (Layout.Transposed)
            PackColumns(firstRow, whole, tileRows);
        else
            PackWholeTiles(firstRow, whole, tileRows);
        if (firstRow + whole < endRow)
            PackPart(firstRow + whole, endRow - firstRow - whole, tileRows, Packed.Slice((firstRow + whole) * K, tileRows * K));
    }

    private void PackWholeTiles(int firstRow, int rows, int tileRows)
    {
        for (int row = firstRow; row < firstRow + rows; row += tileRows)
            Transposed.Copy(A[(row * Layout.Stride)..], Layout.Stride, K, tileRows, tileRows, Packed.Slice(row * K, tileRows * K));
    }

    /// <summary>
    /// Some stored rows of all tiles after each other: rows may be a page apart, and a tile by itself would use 48 bytes of each line that it
    /// fetches. No more rows than the first-level cache has ways, since rows a power of two apart share a set.
    /// </summary>
    private void PackColumns(int firstRow, int rows, int tileRows)
    {
        for (int k = 0; k < K; k += StoredRows)
        {
            int endK = Math.Min(k + StoredRows, K);
            for (int row = firstRow; row < firstRow + rows; row += tileRows)
            {
                for (int i = k; i < endK; i++)
                    CopyTile(A.Slice(i * Layout.Stride + row, tileRows), Packed.Slice(row * K + i * tileRows, tileRows));
            }
        }
    }

    private static void CopyTile(ReadOnlySpan<float> from, Span<float> to)
    {
        // The last four overlap the others where the tile is no multiple of four.
        for (int r = 0; r < from.Length - Block4x4.Size; r += Block4x4.Size)
            Lanes4.Store(Lanes4.Load(from, r), to, r);
        Lanes4.Store(Lanes4.Load(from, from.Length - Block4x4.Size), to, from.Length - Block4x4.Size);
    }

    private void PackPart(int row, int rows, int tileRows, Span<float> to)
    {
        to.Clear();
        for (int k = 0; k < K; k++)
        {
            for (int r = 0; r < rows; r++)
                to[k * tileRows + r] = Layout.Transposed ? A[k * Layout.Stride + row + r] : A[(row + r) * Layout.Stride + k];
        }
    }
}
