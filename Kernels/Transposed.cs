namespace SpikeEngine.Kernels;

/// <summary>A matrix into the transpose of another.</summary>
public static class Transposed
{
    private const int Block = 8;   // columns that are read together: a cache line serves several of them

    /// <summary>target[j, i] = source[i, j], in blocks of four by four.</summary>
    /// <param name="source">[rows, columns] with rows <paramref name="stride"/> apart.</param>
    /// <param name="stride">Distance between rows of the source.</param>
    /// <param name="columns">Length of a row of the source.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="targetStride">Distance between rows of the target.</param>
    /// <param name="target">[columns, rows] with rows <paramref name="targetStride"/> apart.</param>
    public static void Copy(ReadOnlySpan<float> source, int stride, int columns, int rows, int targetStride, Span<float> target)
    {
        int ends = rows < Block4x4.Size ? 0 : columns & -Block4x4.Size;
        for (int j = 0; j < ends; j += Block4x4.Size)
        {
            // The last block overlaps the others where the number of rows is no multiple of four.
            for (int i = 0; i < rows - Block4x4.Size; i += Block4x4.Size)
                Block4x4.Transpose(source[(i * stride + j)..], stride, target[(j * targetStride + i)..], targetStride);
            int last = rows - Block4x4.Size;
            Block4x4.Transpose(source[(last * stride + j)..], stride, target[(j * targetStride + last)..], targetStride);
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = ends; j < columns; j++)
                target[j * targetStride + i] = source[i * stride + j];
        }
    }

    /// <summary>target[j, i] += source[i, j] for the rows [start, end) of the target.</summary>
    /// <param name="source">[rows, columns]</param>
    /// <param name="columns">Length of a row of the source.</param>
    /// <param name="target">[columns, rows], accumulated.</param>
    /// <param name="start">First row of the target.</param>
    /// <param name="end">End of the rows of the target.</param>
    public static void Add(ReadOnlySpan<float> source, int columns, Span<float> target, int start, int end)
    {
        int rows = source.Length / columns;
        for (int first = start; first < end; first += Block)
        {
            int last = Math.Min(first + Block, end);
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<float> row = source.Slice(i * columns, columns);
                for (int j = first; j < last; j++)
                    target[j * rows + i] += row[j];
            }
        }
    }
}
