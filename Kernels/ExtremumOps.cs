namespace SpikeEngine.Kernels;

/// <summary>y = max(a, b), NaN where either is; where they are equal the gradient is shared half and half.</summary>
public readonly struct Maximum : IBinaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(a, a), L.Max(a, b), a);

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => Larger.Share(a, b);

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => Larger.Share(b, a);
}

/// <summary>y = min(a, b), NaN where either is; where they are equal the gradient is shared half and half.</summary>
public readonly struct Minimum : IBinaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L a, L b)
        where L : struct, ILanes<L> => L.Select(L.Equal(a, a), L.Min(a, b), a);

    /// <inheritdoc/>
    public L SlopeA<L>(L a, L b)
        where L : struct, ILanes<L> => Larger.Share(b, a);

    /// <inheritdoc/>
    public L SlopeB<L>(L a, L b)
        where L : struct, ILanes<L> => Larger.Share(a, b);
}

/// <summary>The subgradient of a maximum.</summary>
internal static class Larger
{
    /// <summary>1 where x is larger, 0 where it is smaller, 1/2 where they are equal.</summary>
    public static L Share<L>(L x, L other)
        where L : struct, ILanes<L> =>
        L.Select(L.LessThan(other, x), L.One, L.Select(L.Equal(x, other), L.Splat(0.5f), L.Zero));
}
