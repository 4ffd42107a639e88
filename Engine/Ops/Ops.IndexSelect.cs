using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y[i, j, k] = x[i, indices[j], k] for axis 1, and so on (torch.index_select). The gradient adds up over repeated indices, in
    /// their order.
    /// </summary>
    /// <param name="x">Any shape.</param>
    /// <param name="indices">Positions on the axis; they must not change before the backward pass.</param>
    /// <param name="axis">Negative ones count from the end.</param>
    /// <returns>The shape of x with the number of indices on the axis.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis, or an index is not a position on it.</exception>
    public static Tensor IndexSelect(Tensor x, ReadOnlyMemory<int> indices, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        axis = x.Shape.Axis(axis);
        IndexedRows.RequirePositions(indices.Span, axis, x.Shape);
        using var timing = Profiler.Time();
        Selection selection = new(x.Shape.Outer(axis), x.Shape[axis], x.Shape.Stride(axis), indices);
        Tensor y = new(x.Shape.With(axis, indices.Length));
        if (selection.Inner == 1)
        {
            RowParallel.For(selection.Outer, Grain(selection.Row), (x, y, selection), static (s, start, end) =>
                s.selection.CopyElements(s.x, s.y, start, end));
        }
        else
        {
            RowParallel.For(selection.Outer * indices.Length, Grain(selection.Inner), (x, y, selection), static (s, start, end) =>
                s.selection.CopyRuns(s.x, s.y, start, end));
        }

        return Tape.Record(y, [x], (x, selection), static (s, y) =>
        {
            PrepareGrads(s.x);
            Selection selection = s.selection;
            if (selection.Outer >= EnoughGroups || selection.Inner == 1)
            {
                RowParallel.For(selection.Outer, Grain(selection.Row), (s.x, y, selection), static (a, start, end) =>
                    a.selection.AddBack(a.y.Grad, a.x.Grad, start, end, 0, a.selection.Inner));
            }
            else
            {
                RowParallel.For(selection.Inner, IndexedColumns, (s.x, y, selection), static (a, start, end) =>
                    a.selection.AddBack(a.y.Grad, a.x.Grad, 0, a.selection.Outer, start, end));
            }
        }, inDouble: static (s, v) =>
        {
            List<double> y = [];
            for (int outer = 0; outer < s.selection.Outer; outer++)
            {
                foreach (int index in s.selection.Indices.Span)
                    y.AddRange(v[0].AsSpan((outer * s.selection.Size + index) * s.selection.Inner, s.selection.Inner));
            }

            return [.. y];
        });
    }

    /// <summary>x as [outer, size, inner] and y as [outer, indices, inner].</summary>
    private readonly record struct Selection(int Outer, int Size, int Inner, ReadOnlyMemory<int> Indices)
    {
        /// <summary>Floats of y for one outer position.</summary>
        public int Row => Indices.Length * Inner;

        /// <summary>Floats of x for one outer position.</summary>
        public int XRow => Size * Inner;

        /// <summary>y[i, j] = x[i, indices[j]] for outer positions, when there is nothing inside the axis.</summary>
        public void CopyElements(ReadOnlySpan<float> x, Span<float> y, int outer, int outerEnd)
        {
            for (; outer < outerEnd; outer++)
                IndexedLine.Gather(x.Slice(outer * XRow, XRow), Indices.Span, 1, 0, y.Slice(outer * Row, Row));
        }

        /// <summary>y[i, j, :] = x[i, indices[j], :] for runs counted through all outer positions.</summary>
        public void CopyRuns(ReadOnlySpan<float> x, Span<float> y, int run, int runEnd)
        {
            ReadOnlySpan<int> indices = Indices.Span;
            for (; run < runEnd; run++)
            {
                (int outer, int j) = Math.DivRem(run, indices.Length);
                x.Slice((outer * Size + indices[j]) * Inner, Inner).CopyTo(y[(run * Inner)..]);
            }
        }

        /// <summary>grad_x[i, indices[j], k] += grad_y[i, j, k] for i and k in ranges.</summary>
        public void AddBack(ReadOnlySpan<float> gradY, Span<float> gradX, int outer, int outerEnd, int column, int columnEnd)
        {
            ReadOnlySpan<int> indices = Indices.Span;
            for (; outer < outerEnd; outer++)
            {
                ReadOnlySpan<float> from = gradY.Slice(outer * Row, Row);
                Span<float> to = gradX.Slice(outer * XRow, XRow);
                if (Inner == 1)
                {
                    IndexedLine.ScatterAdd(from, indices, 1, 0, to);
                    continue;
                }

                for (int j = 0; j < indices.Length; j++)
                {
                    Simd.Run(new AddScaled
                    {
                        X = from[(j * Inner + column)..(j * Inner + columnEnd)],
                        Y = to[(indices[j] * Inner + column)..(indices[j] * Inner + columnEnd)],
                    });
                }
            }
        }
    }
}
