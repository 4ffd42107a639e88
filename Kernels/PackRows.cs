namespace SpikeEngine.Kernels;

/// <summary>
/// Copies A[m, k] into the tiles of <see cref="MatMulRows"/>, [tile][k][rows of a tile], the last one padded with zeros: then a
/// tile is read in one stream, whatever the distance between rows, and rows a power of two apart do not push each other out.
/// </summary>
public readonly ref struct PackRows : ISimdKernel
{
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
        int tileRows = MatMulTile.Rows<L>();
        for (int tile = FirstTile; tile < FirstTile + TileCount; tile++)
        {
            int row = tile * tileRows, rows = Math.Min(tileRows, M - row);
            Span<float> to = Packed.Slice(row * K, tileRows * K);
            if (rows < tileRows)
                PackPart(row, rows, tileRows, to);
            else if (Layout.Transposed)
                PackColumns(A[row..], tileRows, to);
            else
                Transposed.Copy(A[(row * Layout.Stride)..], Layout.Stride, K, tileRows, tileRows, to);
        }
    }

    private void PackColumns(ReadOnlySpan<float> a, int tileRows, Span<float> to)
    {
        for (int k = 0; k < K; k++)
        {
            ReadOnlySpan<float> from = a.Slice(k * Layout.Stride, tileRows);
            Span<float> column = to.Slice(k * tileRows, tileRows);

            // The last four overlap the others where the tile is no multiple of four.
            for (int r = 0; r < tileRows - Block4x4.Size; r += Block4x4.Size)
                Lanes4.Store(Lanes4.Load(from, r), column, r);
            Lanes4.Store(Lanes4.Load(from, tileRows - Block4x4.Size), column, tileRows - Block4x4.Size);
        }
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
