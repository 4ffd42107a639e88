namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>The losses of the rows, [rows], as one number, added in double and in order; as they are with <see cref="Reduction.None"/>.</summary>
    private static Tensor ReduceRows(Tensor losses, Reduction reduction, int kept)
    {
        if (reduction == Reduction.None)
            return losses;

        double sum = 0;
        foreach (float loss in losses.Values)
            sum += loss;
        return Tensor.From([(float)(reduction == Reduction.Mean ? sum / Math.Max(1, kept) : sum)], 1);
    }

    /// <summary>factor * d loss / d row, [rows, 1]: 0 where the mask is false.</summary>
    private static Tensor RowGrads(Tensor loss, Reduction reduction, int rows, int kept, ReadOnlySpan<bool> mask, float factor = 1f)
    {
        Tensor grads = new(rows, 1);
        if (reduction == Reduction.None)
            loss.Grad.CopyTo(grads.Values);
        else
            grads.Values.Fill(reduction == Reduction.Mean ? loss.Grad[0] / Math.Max(1, kept) : loss.Grad[0]);

        for (int row = 0; row < rows; row++)
            grads.Values[row] = mask.IsEmpty || mask[row] ? factor * grads.Values[row] : 0f;
        return grads;
    }

    /// <summary>Number of rows that count; an empty mask keeps all.</summary>
    private static int CountKept(ReadOnlySpan<bool> mask, Tensor x)
    {
        if (mask.IsEmpty)
            return x.Rows;
        if (mask.Length != x.Rows)
            throw new ArgumentException($"The mask has {mask.Length} entries; the student is {x.Shape} with {x.Rows} rows.", nameof(mask));
        return mask.Count(true);
    }

    /// <summary>As <see cref="ReduceRows"/>, in double; rows that the mask leaves out are 0.</summary>
    private static double[] ReduceInDouble(double[] losses, Reduction reduction, int kept, ReadOnlyMemory<bool> mask = default)
    {
        double[] rows = [.. losses.Select((loss, row) => mask.IsEmpty || mask.Span[row] ? loss : 0)];
        return reduction switch
        {
            Reduction.None => rows,
            Reduction.Sum => [rows.Sum()],
            _ => [rows.Sum() / Math.Max(1, kept)],
        };
    }

    /// <summary>ln softmax(factor * x) of one row.</summary>
    private static double[] LnSoftmaxOfRow(double[] x, int row, int columns, double factor = 1)
    {
        double[] scaled = Array.ConvertAll(x[(row * columns)..((row + 1) * columns)], v => factor * v);
        double largest = scaled.Max(), lnZ = largest + Math.Log(scaled.Sum(v => Math.Exp(v - largest)));
        return Array.ConvertAll(scaled, v => v - lnZ);
    }
}
