namespace SpikeEngine.Kernels;

/// <summary>y = [a &gt; b]; 0 where either is NaN.</summary>
public readonly struct Greater : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.LessThan(b, a), L.One, L.Zero);
}

/// <summary>y = [a ≥ b]; 0 where either is NaN.</summary>
public readonly struct GreaterOrEqual : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.LessThan(b, a), L.One, default(Equal).Value(a, b));
}

/// <summary>y = [a &lt; b]; 0 where either is NaN.</summary>
public readonly struct Less : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.LessThan(a, b), L.One, L.Zero);
}

/// <summary>y = [a ≤ b]; 0 where either is NaN.</summary>
public readonly struct LessOrEqual : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.LessThan(a, b), L.One, default(Equal).Value(a, b));
}

/// <summary>y = [a = b]; 0 where either is NaN.</summary>
public readonly struct Equal : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(a, b), L.One, L.Zero);
}

/// <summary>y = [a ≠ b]; 1 where either is NaN too.</summary>
public readonly struct NotEqual : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(a, b), L.Zero, L.One);
}
