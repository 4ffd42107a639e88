namespace SpikeEngine.Kernels;

/// <summary>A matrix added to the transpose of another.</summary>
public static class Transposed
{
    private const int Block = 8;   // columns that are read together: a cache line serves several of them

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
