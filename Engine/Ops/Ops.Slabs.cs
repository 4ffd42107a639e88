using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    // Fewer columns than this are not divided between pieces of work; then a single long series is.
    private const int NarrowColumns = 256;

    private const int ColumnGrain = 128;   // eight cache lines of each row

    /// <summary>What a piece of a slab is put through.</summary>
    /// <param name="state">Passed on.</param>
    /// <param name="piece">Its shape.</param>
    /// <param name="at">Its first element.</param>
    /// <param name="result">Its first series.</param>
    private delegate void SlabBody<in TState>(TState state, Slab piece, int at, int result);

    /// <summary>One number for each series of a piece.</summary>
    private delegate void SlabFold(Slab piece, ReadOnlySpan<float> x, ReadOnlySpan<float> centre, Span<float> y);

    /// <summary>The slab of one axis.</summary>
    private static Slab Along(Shape shape, int axis)
    {
        axis = shape.Axis(axis);
        return new Slab(Product(shape.Dims[..axis]), shape[axis], Product(shape.Dims[(axis + 1)..]));
    }

    private static int Product(ReadOnlySpan<int> dims)
    {
        int product = 1;
        foreach (int dim in dims)
            product *= dim;
        return product;
    }

    /// <summary>
    /// Pieces of a slab on all threads; series stay whole unless <paramref name="cutsLength"/> allows to cut a single long one.
    /// </summary>
    private static void ForSlabs<TState>(Slab all, TState state, SlabBody<TState> body, bool cutsLength = false)
    {
        if (all.Outer == 0 || all.Inner == 0)
            return;
        if (cutsLength && all.Outer == 1 && all.Inner <= NarrowColumns)
        {
            RowParallel.For(all.Length, Grain(all.Inner), (all, state, body), static (s, start, end) =>
                s.body(s.state, s.all with { Length = end - start }, start * s.all.Inner, 0));
            return;
        }

        if (all.Stride <= PieceFloats || all.Inner == 1)
        {
            RowParallel.For(all.Outer, Grain(all.Stride), (all, state, body), static (s, start, end) =>
                s.body(s.state, s.all with { Outer = end - start }, start * s.all.Stride, start * s.all.Inner));
            return;
        }

        int columns = Math.Max(ColumnGrain, PieceFloats / all.Length / ColumnGrain * ColumnGrain);
        int blocks = (all.Inner + columns - 1) / columns;
        RowParallel.For(all.Outer * blocks, 1, (all, state, body, columns, blocks), static (s, piece, _) =>
        {
            (int outer, int block) = Math.DivRem(piece, s.blocks);
            int column = block * s.columns;
            s.body(
                s.state, s.all with { Outer = 1, Columns = Math.Min(s.columns, s.all.Inner - column) },
                outer * s.all.Stride + column, outer * s.all.Inner + column);
        });
    }

    /// <summary>
    /// y = the fold of each series. A single long one is folded in pieces, whose results <paramref name="join"/> folds in order.
    /// </summary>
    private static void Fold(Slab all, Memory<float> x, Memory<float> y, SlabFold fold, SlabFold join, Memory<float> centre = default)
    {
        int grain = Grain(all.Inner);
        if (all.Outer != 1 || all.Inner is 0 or > NarrowColumns || all.Length <= grain)
        {
            ForSlabs(all, (x, y, centre, fold), static (s, piece, at, result) =>
                s.fold(piece, s.x.Span[at..], s.centre.IsEmpty ? [] : s.centre.Span[result..], s.y.Span[result..]));
            return;
        }

        int pieces = (all.Length + grain - 1) / grain;
        Memory<float> partial = Workspace.RentTemporary(pieces * all.Inner, out Workspace.Mark mark);
        RowParallel.For(all.Length, grain, (all, x, centre, partial, grain, fold), static (s, start, end) => s.fold(
            s.all with { Length = end - start }, s.x.Span[(start * s.all.Inner)..], s.centre.Span,
            s.partial.Span[(start / s.grain * s.all.Inner)..]));
        join(all with { Length = pieces }, partial.Span, [], y.Span);
        mark.Release();
    }

    /// <summary>
    /// Reduces the axes named, all when none is. Neighbouring ones are one; of several groups the last is reduced first and its
    /// results again, or, where that would be another result (<paramref name="atOnce"/>), they are brought together before.
    /// </summary>
    private static Tensor Reduce<TState>(
        Tensor x,
        ReadOnlySpan<int> axes,
        bool keepDims,
        TState state,
        Func<Tensor, Slab, Shape, TState, Tensor> reduce,
        bool atOnce = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        ReducedAxes reduced = new(x.Shape.Rank == 0 ? new Shape(1) : x.Shape, axes);
        ReadOnlySpan<int> dims = reduced.Shape.Dims;
        Shape result = reduced.Result(keepDims);
        Tensor y = x;
        for (int axis = dims.Length - 1, inner = 1; axis >= 0;)
        {
            if (!reduced[axis])
            {
                inner *= dims[axis--];
                continue;
            }

            int length = 1;
            for (; axis >= 0 && (reduced[axis] || dims[axis] == 1); axis--)
                length *= dims[axis];
            Slab slab = new(Product(dims[..(axis + 1)]), length, inner);
            if (!reduced.AnyBefore(axis + 1))
                y = reduce(y, slab, result, state);
            else if (atOnce)
                return reduce(ReducedAxesLast(x, reduced), new Slab(result.Count, reduced.Length, 1), result, state);
            else
                y = reduce(y, slab, new Shape(slab.Outer, inner), state);
        }

        return y;
    }

    /// <summary>[kept axes, reduced axes], a copy.</summary>
    private static Tensor ReducedAxesLast(Tensor x, ReducedAxes reduced)
    {
        using var timing = Profiler.Time();
        Tensor moved = new(reduced.Result(keepDims: false).Count, reduced.Length);
        RowParallel.For(x.Rows, Grain(x.Columns), (x, reduced, moved), static (s, start, end) =>
        {
            Span<float> moved = s.moved.Values;
            for (int row = start; row < end; row++)
            {
                (int at, int step) = s.reduced.Moved(row);
                ReadOnlySpan<float> x = s.x.Rows(row, row + 1);
                if (step == 1)
                {
                    x.CopyTo(moved[at..]);
                    continue;
                }

                foreach (float value in x)
                {
                    moved[at] = value;
                    at += step;
                }
            }
        });

        return Tape.Record(moved, [x], (x, reduced), static (s, moved) =>
        {
            PrepareGrads(s.x);
            RowParallel.For(s.x.Rows, Grain(s.x.Columns), (s.x, s.reduced, moved), static (s, start, end) =>
            {
                ReadOnlySpan<float> gradMoved = s.moved.Grad;
                for (int row = start; row < end; row++)
                {
                    (int at, int step) = s.reduced.Moved(row);
                    foreach (ref float grad in s.x.GradRows(row, row + 1))
                    {
                        grad += gradMoved[at];
                        at += step;
                    }
                }
            });
        }, inDouble: static (s, v) =>
        {
            double[] moved = new double[v[0].Length];
            for (int i = 0; i < moved.Length; i++)
            {
                (int row, int column) = Math.DivRem(i, s.x.Columns);
                (int first, int step) = s.reduced.Moved(row);
                moved[first + column * step] = v[0][i];
            }

            return moved;
        });
    }

    /// <summary>f of each series, in double: one number, or a series again.</summary>
    private static double[] EachSeries(double[] x, Slab slab, Func<double[], double[]> f)
    {
        double[][] results = new double[slab.Outer * slab.Inner][];
        for (int i = 0; i < results.Length; i++)
        {
            (int outer, int j) = Math.DivRem(i, slab.Inner);
            results[i] = f([.. Enumerable.Range(0, slab.Length).Select(k => x[outer * slab.Stride + k * slab.Inner + j])]);
        }

        int length = results.Length == 0 ? 0 : results[0].Length;
        double[] y = new double[results.Length * length];
        for (int i = 0; i < y.Length; i++)
        {
            (int outer, int rest) = Math.DivRem(i, length * slab.Inner);
            (int k, int j) = Math.DivRem(rest, slab.Inner);
            y[i] = results[outer * slab.Inner + j][k];
        }

        return y;
    }
}
