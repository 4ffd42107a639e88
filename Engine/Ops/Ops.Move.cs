using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int LeastSplit = 64;   // entries of an innermost axis in a piece: shorter runs share cache lines

    /// <summary>y = x</summary>
    internal static Tensor Copy(Tensor x) => Rearranged(x, x.Shape, Placed(x.Shape, x.Shape, axis: 0, position: 0), nameof(Tensor.Clone));

    /// <summary>A tensor whose elements are those of x, as a loop says; every element of y is written.</summary>
    private static Tensor Rearranged(Tensor x, Shape shape, in StridedLoop loop, string op)
    {
        using var timing = Profiler.Time(op: op);
        Tensor y = new(shape);
        Move(loop, x.ValueMemory, y.ValueMemory, accumulate: false);
        return Tape.Record(
            y, [x], (x, loop), static (s, y) => MoveGrad(s.loop.Reversed, y, s.x),
            inDouble: static (s, v) => MoveInDouble(s.loop, v[0], new double[s.loop.Count]), op: op);
    }

    /// <summary>The loop that puts x into y, whose sizes are the same or larger, from <paramref name="position"/> of an axis on.</summary>
    private static StridedLoop Placed(Shape x, Shape y, int axis, int position)
    {
        StridedLoop loop = new(0, position == 0 ? 0 : position * y.Stride(axis));
        for (int i = 0; i < x.Rank; i++)
            loop.Add(new StridedAxis(x[i], x.Stride(i), y.Stride(i)));
        return loop;
    }

    /// <summary>to (+)= from, in pieces that never write to the same place.</summary>
    private static void Move(StridedLoop loop, Memory<float> from, Memory<float> to, bool accumulate)
    {
        int count = loop.Count;
        if (count == 0)
            return;
        loop = loop.Collapsed();
        int axis = loop.SplitAxis, size = loop[axis].Size;
        int grain = loop[axis].To == 0 ? size : Math.Max(Grain(count / size), axis == loop.Rank - 1 ? LeastSplit : 1);
        RowParallel.For(size, grain, (loop, axis, from, to, accumulate), static (s, start, end) => Simd.Run(new StridedMove
        {
            From = s.from.Span,
            To = s.to.Span,
            Loop = s.loop.Part(s.axis, start, end),
            Accumulate = s.accumulate,
        }));
    }

    /// <summary>grad_x += grad_y as the loop says. When it writes all of the first gradient of x, nothing is set to zero before.</summary>
    private static void MoveGrad(in StridedLoop loop, Tensor y, Tensor x)
    {
        if (!x.NeedsGrad)
            return;
        bool accumulate = true;
        if (loop.Count == x.Count && !loop.AddsUp)
            accumulate = x.ClaimGrad();
        else
            PrepareGrads(x);
        Move(loop, y.GradMemory, x.GradMemory, accumulate);
    }

    /// <summary>Element by element; returns <paramref name="to"/>.</summary>
    private static double[] MoveInDouble(in StridedLoop loop, double[] from, double[] to)
    {
        for (int i = 0; i < loop.Count; i++)
        {
            int rest = i, source = loop.FromOffset, target = loop.ToOffset;
            for (int axis = loop.Rank - 1; axis >= 0; axis--)
            {
                (rest, int at) = Math.DivRem(rest, loop[axis].Size);
                source += at * loop[axis].From;
                target += at * loop[axis].To;
            }

            to[target] = from[source];
        }

        return to;
    }
}
