using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int EmbeddingColumns = 128;   // columns in a piece of the backward pass

    /// <summary>y[i] = weight[ids[i]]; the gradient adds up over repeated ids, in their order.</summary>
    /// <param name="weight">[vocabulary, dim]</param>
    /// <param name="ids">Token ids, which must not change before the backward pass.</param>
    /// <param name="shape">Shape of the ids, as in [batch, time].</param>
    /// <returns>[shape..., dim]</returns>
    public static Tensor Embedding(Tensor weight, ReadOnlyMemory<int> ids, params ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Shape.Rank != 2)
            throw new ArgumentException($"weight is {weight.Shape}; it must be [vocabulary, dim].", nameof(weight));
        Tensor y = new([.. shape, weight.Columns]);
        if (y.Rows != ids.Length)
            throw new ArgumentException($"shape {new Shape(shape)} does not hold {ids.Length} ids.", nameof(shape));
        foreach (int id in ids.Span)
        {
            if ((uint)id >= (uint)weight.Rows)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Token {id}; weight is {weight.Shape}.");
        }

        using var timing = Profiler.Time();
        RowParallel.For(y.Rows, Grain(y.Columns), (weight, ids, y), static (s, start, end) =>
        {
            for (int row = start; row < end; row++)
            {
                int id = s.ids.Span[row];
                s.weight.Rows(id, id + 1).CopyTo(s.y.Rows(row, row + 1));
            }
        });

        return Tape.Record(y, [weight], (weight, ids), static (saved, y) =>
        {
            // Pieces are column blocks: each adds its columns of every token, one after the other.
            PrepareGrads(saved.weight);
            RowParallel.For(y.Columns, EmbeddingColumns, (saved.weight, saved.ids, y), static (s, start, end) =>
            {
                for (int row = 0; row < s.ids.Length; row++)
                {
                    int id = s.ids.Span[row];
                    Simd.Run(new AddScaled
                    {
                        X = s.y.GradRows(row, row + 1)[start..end],
                        Y = s.weight.GradRows(id, id + 1)[start..end],
                    });
                }
            });
        }, inDouble: static (saved, v) =>
        {
            int dim = saved.weight.Columns;
            return [.. saved.ids.ToArray().SelectMany(id => v[0][(id * dim)..((id + 1) * dim)])];
        });
    }
}
