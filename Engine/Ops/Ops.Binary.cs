using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    // Partial sums of a broadcast operand's gradient: this many floats for all pieces together, or this many pieces.
    private const int PartialFloats = 1 << 20;
    private const int PartialsAtLeast = 64;

    /// <summary>
    /// y = f(a, b), element by element. Shapes are broadcast as numpy does: aligned at the last axis, where a missing axis or one
    /// of size 1 is repeated. Gradients are summed over what was repeated.
    /// </summary>
    /// <typeparam name="TOp">The function: its value and its two slopes.</typeparam>
    /// <param name="a">Any shape.</param>
    /// <param name="b">Any shape that can be broadcast with it.</param>
    /// <param name="op">The function's constants, if it has any.</param>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast.</exception>
    public static Tensor Binary<TOp>(Tensor a, Tensor b, TOp op = default)
        where TOp : struct, IBinaryOp
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        using var timing = Profiler.Time(op: typeof(TOp).Name);
        Tensor y = BinaryValue(a, b, op);

        return Tape.Record(y, [a, b], (a, b, op), static (saved, y) =>
        {
            AddGradient(saved.a, saved.b, y, saved.op);
            AddGradient(saved.b, saved.a, y, new Swapped<TOp>(saved.op));
        }, inDouble: static (saved, v) =>
        {
            (Shape a, Shape b) = (saved.a.Shape, saved.b.Shape);
            Shape y = BroadcastShape(a, nameof(a), b, nameof(b));
            double[] result = new double[y.Count];
            for (int i = 0; i < result.Length; i++)
                result[i] = saved.op.Value(DoubleLane.From(v[0][SourceOf(i, y, a)]), DoubleLane.From(v[1][SourceOf(i, y, b)])).Value;
            return result;
        }, op: typeof(TOp).Name);
    }

    private static Tensor BinaryValue<TOp>(Tensor a, Tensor b, TOp op)
        where TOp : struct, IBinaryFunction
    {
        Tensor y = new(BroadcastShape(a.Shape, nameof(a), b.Shape, nameof(b)));
        if (y.Count == 0)
            return y;
        Broadcast plan = new(y.Shape.Dims, a.Shape.Dims, b.Shape.Dims);
        Cut cut = CutOf(plan, PiecesOf(y));
        RowParallel.For(plan[cut.Axis].Size, cut.Grain, (a, b, op, y, plan, cut.Axis), static (s, start, end) =>
            Simd.Run(new BinaryForward<TOp>
            {
                Op = s.op,
                Plan = s.plan.Slice(s.Axis, start, end),
                A = s.a.Values,
                B = s.b.Values,
                Y = s.y.Values,
            }));
        return y;
    }

    /// <summary>
    /// grad_a += grad_y * ∂f/∂a, summed where a is broadcast. Pieces are cut along an axis of a, so that each has its own elements
    /// of the gradient; where a has too little for that, along any axis, and their sums are added in order.
    /// </summary>
    private static void AddGradient<TOp>(Tensor a, Tensor b, Tensor y, TOp op)
        where TOp : struct, IBinaryOp
    {
        if (!a.NeedsGrad || y.Count == 0)
            return;
        Broadcast plan = new(y.Shape.Dims, a.Shape.Dims, b.Shape.Dims);
        Cut own = CutOf(plan, PiecesOf(y), ofA: true), any = own;
        if (own.Pieces < PiecesOf(y) && a.Count <= PieceFloats)
            any = CutOf(plan, Math.Min(PiecesOf(y), Math.Max(PartialsAtLeast, PartialFloats / a.Count)));

        if (any.Pieces <= own.Pieces)
        {
            // Along the outermost axis a piece has a stretch of a, if no element of it is repeated.
            bool isFirst = own.Axis == plan.Count - 1 && a.Count == y.Count && ClearsInParts(a);
            PrepareGrads(a);
            RowParallel.For(plan[own.Axis].Size, own.Grain, (a, b, op, y, plan, own.Axis, isFirst), static (s, start, end) =>
            {
                int stride = s.plan[s.Axis].Step.A;
                if (s.isFirst)
                    s.a.Grad[(start * stride)..(end * stride)].Clear();
                Run(s.plan.Slice(s.Axis, start, end), s.a, s.b, s.y, s.op, s.a.Grad);
            });
        }
        else
        {
            PrepareGrads(a);
            RowParallel.ForWithSum(
                plan[any.Axis].Size, any.Grain, a.Grad, (a, b, op, y, plan, any.Axis), static (s, start, end, partial) =>
                Run(s.plan.Slice(s.Axis, start, end), s.a, s.b, s.y, s.op, partial));
        }

        static void Run(in Broadcast part, Tensor a, Tensor b, Tensor y, TOp op, Span<float> gradA) => Simd.Run(new BinaryBackward<TOp>
        {
            Op = op,
            Plan = part,
            A = a.Values,
            B = b.Values,
            GradY = y.Grad,
            GradA = gradA,
        });
    }
}
