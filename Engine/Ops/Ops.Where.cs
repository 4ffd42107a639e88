using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = a where the condition is not 0, b where it is; all three are broadcast as <see cref="Binary"/> does. The gradient goes to
    /// whichever was taken, none to the condition.
    /// </summary>
    /// <param name="condition">0 for false, anything else for true, as from a comparison; must not change before the backward pass.</param>
    /// <param name="a">Taken where true.</param>
    /// <param name="b">Taken where false.</param>
    /// <exception cref="ArgumentException">The shapes cannot be broadcast.</exception>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        Shape chosen = BroadcastShape(a.Shape, nameof(a), b.Shape, nameof(b));
        Shape shape = BroadcastShape(condition.Shape, nameof(condition), chosen, "what a and b are broadcast to");

        using var timing = Profiler.Time();
        Tensor y = new(shape);
        if (y.Count > 0)
        {
            Broadcast plan = new(shape.Dims, a.Shape.Dims, b.Shape.Dims, condition.Shape.Dims);
            Cut cut = CutOf(plan, PiecesOf(y));
            RowParallel.For(plan[cut.Axis].Size, cut.Grain, (condition, a, b, y, plan, cut.Axis), static (s, start, end) =>
                Simd.Run(new WhereForward
                {
                    Plan = s.plan.Slice(s.Axis, start, end),
                    A = s.a.Values,
                    B = s.b.Values,
                    C = s.condition.Values,
                    Y = s.y.Values,
                }));
        }

        return Tape.Record(y, [condition, a, b], (condition, a, b), static (saved, y) =>
        {
            AddGradient(saved.a, saved.condition, y, default(IfTrue));
            AddGradient(saved.b, saved.condition, y, default(IfFalse));
        }, inDouble: static (saved, v) =>
        {
            (Shape c, Shape a, Shape b) = (saved.condition.Shape, saved.a.Shape, saved.b.Shape);
            Shape y = BroadcastShape(c, nameof(c), BroadcastShape(a, nameof(a), b, nameof(b)), nameof(y));
            double[] result = new double[y.Count];
            for (int i = 0; i < result.Length; i++)
                result[i] = v[0][SourceOf(i, y, c)] != 0 ? v[1][SourceOf(i, y, a)] : v[2][SourceOf(i, y, b)];
            return result;
        });
    }
}
