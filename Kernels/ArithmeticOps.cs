namespace SpikeEngine.Kernels;

/// <summary>y = a + b</summary>
public readonly struct Add : IBinaryOp
{
    /// <inheritdoc/>
    public static Operands SlopeAReads => Operands.None;

    /// <inheritdoc/>
    public static Operands SlopeBReads => Operands.None;

    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => a + b;

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => L.One;

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => L.One;
}

/// <summary>y = a - b</summary>
public readonly struct Sub : IBinaryOp
{
    /// <inheritdoc/>
    public static Operands SlopeAReads => Operands.None;

    /// <inheritdoc/>
    public static Operands SlopeBReads => Operands.None;

    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => a - b;

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => L.One;

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => -L.One;
}

/// <summary>y = a * b</summary>
public readonly struct Mul : IBinaryOp
{
    /// <inheritdoc/>
    public static Operands SlopeAReads => Operands.B;

    /// <inheritdoc/>
    public static Operands SlopeBReads => Operands.A;

    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => a * b;

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => b;

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => a;
}

/// <summary>y = a / b</summary>
public readonly struct Div : IBinaryOp
{
    /// <inheritdoc/>
    public static Operands SlopeAReads => Operands.B;

    /// <inheritdoc/>
    public static Operands SlopeBReads => Operands.Both;

    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => a / b;

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => L.One / b;

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => -(a / b) / b;
}
