using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace SpikeEngine.Training.Distillation;

/// <summary>Finds the k most likely tokens of rows and writes them, without holding the logits of more than some rows.</summary>
internal sealed class TopKRows(int k)
{
    private const int Block = 256;

    /// <summary>Of each row k ids, then k log-probabilities, falling.</summary>
    public void Write(Stream stream, Tensor hidden, Tensor head)
    {
        Tensor all = hidden.Reshape(hidden.Rows, hidden.Columns);
        for (int first = 0; first < all.Rows; first += Block)
        {
            Tensor logProbabilities = Ops.LogSoftmax(Ops.Linear(all.SliceRows(first, Math.Min(Block, all.Rows - first)), head));
            byte[][] rows = new byte[logProbabilities.Rows][];
            RowParallel.For(rows.Length, 1, (all: this, rows, logProbabilities), static (s, start, end) =>
            {
                for (int row = start; row < end; row++)
                    s.rows[row] = s.all.Row(s.logProbabilities.Values.Slice(row * s.logProbabilities.Columns, s.logProbabilities.Columns));
            }, heavy: true);
            foreach (byte[] row in rows)
                stream.Write(row);
        }
    }

    private byte[] Row(ReadOnlySpan<float> values)
    {
        int[] ids = new int[values.Length];
        float[] negative = new float[values.Length];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = i;
        TensorPrimitives.Negate(values, negative);
        Array.Sort(negative, ids);   // the falling order; what is equal may stand in any
        TensorPrimitives.Negate<float>(negative, negative);
        byte[] row = new byte[k * (sizeof(int) + sizeof(float))];
        MemoryMarshal.AsBytes<int>(ids.AsSpan(0, k)).CopyTo(row);
        MemoryMarshal.AsBytes<float>(negative.AsSpan(0, k)).CopyTo(row.AsSpan(k * sizeof(int)));
        return row;
    }
}
