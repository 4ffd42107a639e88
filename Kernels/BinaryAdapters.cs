namespace SpikeEngine.Kernels;

/// <summary>f(b, a): the function with its operands exchanged.</summary>
/// <typeparam name="TOp">The function.</typeparam>
/// <param name="op">Its constants.</param>
public readonly struct Swapped<TOp>(TOp op) : IBinaryOp
    where TOp : struct, IBinaryOp
{
    /// <inheritdoc/>
    public static Operands SlopeAReads => Exchange(TOp.SlopeBReads);

    /// <inheritdoc/>
    public static Operands SlopeBReads => Exchange(TOp.SlopeAReads);

    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => op.Value(b, a);

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => op.SlopeB(b, a);

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => op.SlopeA(b, a);

    private static Operands Exchange(Operands reads) =>
        ((reads & Operands.A) != 0 ? Operands.B : Operands.None) | ((reads & Operands.B) != 0 ? Operands.A : Operands.None);
}

/// <summary>x ↦ f(x, b): a function of two with a number for the second.</summary>
/// <typeparam name="TOp">The function of two.</typeparam>
/// <param name="b">The number.</param>
public readonly struct WithB<TOp>(float b) : IUnaryOp
    where TOp : struct, IBinaryOp
{
    /// <inheritdoc/>
    public static bool SlopeReadsX => (TOp.SlopeAReads & Operands.A) != 0;

    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => default(TOp).Value(x, L.Splat(b));

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => default(TOp).SlopeA(x, L.Splat(b));
}

/// <summary>x ↦ f(a, x): a function of two with a number for the first.</summary>
/// <typeparam name="TOp">The function of two.</typeparam>
/// <param name="a">The number.</param>
public readonly struct WithA<TOp>(float a) : IUnaryOp
    where TOp : struct, IBinaryOp
{
    /// <inheritdoc/>
    public static bool SlopeReadsX => (TOp.SlopeBReads & Operands.B) != 0;

    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => default(TOp).Value(L.Splat(a), x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => default(TOp).SlopeB(L.Splat(a), x);
}
