namespace SpikeEngine.Kernels;

/// <summary>y = a where c is not 0, b where it is, element by element.</summary>
public readonly ref struct WhereForward : ISimdKernel
{
    /// <summary>The part of <see cref="Y"/> to compute, and where its operands are.</summary>
    public required Broadcast Plan { get; init; }

    /// <summary>The whole first operand.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>The whole second operand.</summary>
    public required ReadOnlySpan<float> B { get; init; }

    /// <summary>The whole condition.</summary>
    public required ReadOnlySpan<float> C { get; init; }

    /// <summary>The whole result.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Broadcast plan = Plan;
        (int n, Place step) = (plan[0].Size, plan[0].Step);
        foreach (Place at in plan)
        {
            ReadOnlySpan<float> a = A.Slice(at.A, step.A == 0 ? 1 : n), b = B.Slice(at.B, step.B == 0 ? 1 : n);
            ReadOnlySpan<float> c = C.Slice(at.C, step.C == 0 ? 1 : n);
            Span<float> y = Y.Slice(at.Y, n);
            Apply<Lanes1>(a, b, c, y, Apply<L>(a, b, c, y, 0));
        }
    }

    private static int Apply<L>(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= y.Length - L.Count; i += L.Count)
            L.Store(L.Select(L.Equal(At<L>(c, i, y.Length), L.Zero), At<L>(b, i, y.Length), At<L>(a, i, y.Length)), y, i);
        return i;
    }

    // Three operands have eight forms: asking in every turn costs less than eight loops.
    private static L At<L>(ReadOnlySpan<float> run, int i, int n)
        where L : struct, ILanes<L> => run.Length == n ? L.Load(run, i) : L.Splat(run[0]);
}

/// <summary>y = a where b is not 0, else 0: what a condition lets through of its first alternative.</summary>
public readonly struct IfTrue : IBinaryOp
{
    /// <inheritdoc/>
    public static Operands SlopeAReads => Operands.B;

    /// <inheritdoc/>
    public static Operands SlopeBReads => Operands.None;

    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(b, L.Zero), L.Zero, a);

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(b, L.Zero), L.Zero, L.One);

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => L.Zero;
}

/// <summary>y = a where b is 0, else 0: what a condition lets through of its second alternative.</summary>
public readonly struct IfFalse : IBinaryOp
{
    /// <inheritdoc/>
    public static Operands SlopeAReads => Operands.B;

    /// <inheritdoc/>
    public static Operands SlopeBReads => Operands.None;

    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(b, L.Zero), a, L.Zero);

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(b, L.Zero), L.One, L.Zero);

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => L.Zero;
}
