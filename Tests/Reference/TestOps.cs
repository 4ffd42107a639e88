namespace SpikeEngine.Tests.Reference;

/// <summary>Differentiable rearrangements that only tests need, to bring golden tensors into the engine's layouts.</summary>
public static class TestOps
{
    /// <summary>[rows, a] and [rows, b] to [rows, a + b], recorded on the tape.</summary>
    public static Tensor SideBySide(Tensor left, Tensor right)
    {
        int a = left.Columns, b = right.Columns;
        using var timing = Profiler.Time();
        Tensor joined = new(left.Shape.WithColumns(a + b));
        for (int row = 0; row < joined.Rows; row++)
        {
            left.Values.Slice(row * a, a).CopyTo(joined.Values.Slice(row * (a + b), a));
            right.Values.Slice(row * b, b).CopyTo(joined.Values.Slice(row * (a + b) + a, b));
        }

        return Tape.Record(joined, [left, right], (left, right), static (s, joined) =>
        {
            int a = s.left.Columns, b = s.right.Columns;
            for (int i = 0; i < joined.Count; i++)
            {
                (int row, int column) = Math.DivRem(i, a + b);
                if (column < a)
                    s.left.Grad[row * a + column] += joined.Grad[i];
                else
                    s.right.Grad[row * b + column - a] += joined.Grad[i];
            }
        }, inDouble: static (s, v) =>
        {
            int a = s.left.Columns, b = s.right.Columns;
            return [.. Enumerable.Range(0, s.left.Rows).SelectMany(row =>
                v[0][(row * a)..((row + 1) * a)].Concat(v[1][(row * b)..((row + 1) * b)]))];
        });
    }

    /// <summary>[..., a, b] to [..., b, a], recorded on the tape.</summary>
    public static Tensor SwapLastAxes(Tensor x)
    {
        int b = x.Columns, a = x.Shape[x.Shape.Rank - 2];
        Tensor swapped = new([.. x.Shape.Dims[..^2], b, a]);
        for (int i = 0; i < x.Count; i++)
            swapped.Values[Swapped(i, a, b)] = x.Values[i];
        return Tape.Record(swapped, [x], (x, a, b), static (s, swapped) =>
        {
            for (int i = 0; i < s.x.Count; i++)
                s.x.Grad[i] += swapped.Grad[Swapped(i, s.a, s.b)];
        });
    }

    private static int Swapped(int i, int a, int b) => i / (a * b) * (a * b) + i % b * a + i / b % a;
}
