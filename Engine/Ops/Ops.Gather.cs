using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int EnoughGroups = 8;      // groups of rows from which on they are shared between threads
    private const int IndexedColumns = 64;   // columns in a piece otherwise

    /// <summary>
    /// y[i, j, k] = x[i, index[i, j, k], k] for axis 1, and so on (torch.gather). The gradient adds up over repeated places, in the
    /// order of the indices.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="indices">Positions on the axis; they must not change before the backward pass.</param>
    /// <param name="indexShape">Shape of the indices and of y: the rank of x, and on no other axis larger.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not a position on the axis.</exception>
    public static Tensor Gather(Tensor x, ReadOnlyMemory<int> indices, ReadOnlySpan<int> indexShape, int axis)
    {
        var rows = IndexedRows.Checked(x, indices, indexShape, axis);
        using var timing = Profiler.Time();
        Tensor y = new(rows.Index);
        RowParallel.For(y.Rows, Grain(y.Columns), (x, rows, y), static (s, start, end) =>
        {
            for (int row = start; row < end; row++)
                IndexedLine.Gather(s.x.Values[s.rows.Start(row)..], s.rows.Line(row), s.rows.Stride, s.rows.Step, s.y.Rows(row, row + 1));
        });

        return Tape.Record(y, [x], (x, rows), static (s, y) =>
        {
            PrepareGrads(s.x);
            Scatter(s.rows, y.GradMemory, y.Shape, s.x.GradMemory);
        }, inDouble: static (s, v) =>
        {
            double[] y = new double[s.rows.Index.Count];
            for (int i = 0; i < y.Length; i++)
                y[i] = v[0][s.rows.Place(i)];
            return y;
        });
    }

    /// <summary>
    /// y = x, then y[i, index[i, j, k], k] += source[i, j, k] for axis 1, and so on (torch.scatter_add), in the order of the indices.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="indices">Positions on the axis; they must not change before the backward pass.</param>
    /// <param name="indexShape">Shape of the indices: the rank of x, and on no other axis larger.</param>
    /// <param name="source">What is added: on no axis smaller than the indices.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <returns>The shape of x.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not a position on the axis.</exception>
    public static Tensor ScatterAdd(Tensor x, ReadOnlyMemory<int> indices, ReadOnlySpan<int> indexShape, Tensor source, int axis)
    {
        ArgumentNullException.ThrowIfNull(source);
        var rows = IndexedRows.Checked(x, indices, indexShape, axis);
        rows.RequireWithin(source.Shape, nameof(source));
        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x);
        x.Values.CopyTo(y.Values);
        Scatter(rows, source.ValueMemory, source.Shape, y.ValueMemory);

        return Tape.Record(y, [x, source], (x, source, rows), static (s, y) =>
        {
            AddToGrad(s.x, y.GradMemory);
            if (!s.source.NeedsGrad)
                return;
            PrepareGrads(s.source);
            RowParallel.For(s.rows.Index.Rows, Grain(s.rows.Index.Columns), (s.source, s.rows, y), static (a, start, end) =>
            {
                for (int row = start; row < end; row++)
                {
                    Span<float> gradSource = a.source.Grad.Slice(a.rows.Start(row, a.source.Shape), a.rows.Index.Columns);
                    IndexedLine.GatherAdd(a.y.Grad[a.rows.Start(row)..], a.rows.Line(row), a.rows.Stride, a.rows.Step, gradSource);
                }
            });
        }, inDouble: static (s, v) =>
        {
            double[] y = [.. v[0]];
            for (int i = 0; i < s.rows.Index.Count; i++)
            {
                (int row, int column) = Math.DivRem(i, s.rows.Index.Columns);
                y[s.rows.Place(i)] += v[1][s.rows.Start(row, s.source.Shape) + column];
            }

            return y;
        });
    }

    /// <summary>
    /// to[place of index i] += from[i], in the order of the indices. Pieces are groups of rows that never meet in one place, or, when
    /// there are few, blocks of columns, which do not meet either.
    /// </summary>
    private static void Scatter(in IndexedRows rows, Memory<float> from, Shape fromShape, Memory<float> to)
    {
        int columns = rows.Index.Columns, group = rows.RowsInGroup;
        if (rows.Index.Count == 0)
            return;
        int groups = rows.Index.Rows / group;
        if (rows.AlongRows || groups >= EnoughGroups)
        {
            RowParallel.For(groups, Grain(group * columns), (rows, from, fromShape, to, group), static (s, start, end) =>
                ScatterColumns(s.rows, s.from.Span, s.fromShape, s.to.Span, start * s.group, end * s.group, 0, s.rows.Index.Columns));
        }
        else
        {
            RowParallel.For(columns, IndexedColumns, (rows, from, fromShape, to), static (s, start, end) =>
                ScatterColumns(s.rows, s.from.Span, s.fromShape, s.to.Span, 0, s.rows.Index.Rows, start, end));
        }
    }

    private static void ScatterColumns(
        in IndexedRows rows, ReadOnlySpan<float> from, Shape fromShape, Span<float> to, int row, int rowEnd, int column, int columnEnd)
    {
        for (; row < rowEnd; row++)
        {
            IndexedLine.ScatterAdd(
                from[(rows.Start(row, fromShape) + column)..][..(columnEnd - column)], rows.Line(row)[column..columnEnd],
                rows.Stride, rows.Step, to[(rows.Start(row) + column * rows.Step)..]);
        }
    }
}
