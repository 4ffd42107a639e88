namespace SpikeEngine.Kernels;

/// <summary>Weights of which <see cref="SpikeMatMul{TWeight}"/> copies a block at a time.</summary>
public interface IWeightBlocks
{
    /// <summary>Copies rows beside some columns to a tile, [rows][width]; columns that are not there become 0.</summary>
    /// <param name="first">First row.</param>
    /// <param name="column">First column.</param>
    /// <param name="count">Columns.</param>
    /// <param name="width">Length of the tile's rows.</param>
    /// <param name="tile">A whole number of rows.</param>
    void Copy<L>(int first, int column, int count, int width, Span<float> tile)
        where L : struct, ILanes<L>;
}

/// <summary>A matrix of floats.</summary>
/// <param name="b">[k, n], or stored as [n, k].</param>
/// <param name="layout">How it is stored.</param>
public readonly ref struct MatrixBlocks(ReadOnlySpan<float> b, MatrixLayout layout) : IWeightBlocks
{
    private readonly ReadOnlySpan<float> _b = b;

    /// <inheritdoc/>
    public void Copy<L>(int first, int column, int count, int width, Span<float> tile)
        where L : struct, ILanes<L>
    {
        int rows = tile.Length / width;
        if (count < width)
            tile.Clear();
        if (layout.Transposed)
        {
            Transposed.Copy(_b[(column * layout.Stride + first)..], layout.Stride, rows, count, width, tile);
            return;
        }

        for (int row = 0; row < rows; row++)
            _b.Slice((first + row) * layout.Stride + column, count).CopyTo(tile[(row * width)..]);
    }
}

/// <summary>Weights as they are stored, by input.</summary>
/// <typeparam name="TCode">How the weight is stored.</typeparam>
/// <typeparam name="T">One number as it is stored.</typeparam>
/// <param name="codes">[k, stride]</param>
/// <param name="stride">Distance between rows.</param>
public readonly ref struct CodeBlocks<TCode, T>(ReadOnlySpan<T> codes, int stride) : IWeightBlocks
    where TCode : struct, IStoredCode<T>
{
    private readonly ReadOnlySpan<T> _codes = codes;

    /// <inheritdoc/>
    public void Copy<L>(int first, int column, int count, int width, Span<float> tile)
        where L : struct, ILanes<L>
    {
        if (count < width)
            tile.Clear();
        for (int at = 0, row = first; at < tile.Length; at += width, row++)
        {
            ReadOnlySpan<T> from = _codes.Slice(row * stride + column, count);
            Span<float> to = tile.Slice(at, count);
            Decode<Lanes1>(from, to, Decode<L>(from, to, 0));
        }
    }

    private static int Decode<L>(ReadOnlySpan<T> from, Span<float> to, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= to.Length - L.Count; i += L.Count)
            L.Store(TCode.Load<L>(from, i), to, i);
        return i;
    }
}
