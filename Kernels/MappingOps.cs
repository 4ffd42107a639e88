namespace SpikeEngine.Kernels;

/// <summary>STSU: y = c, the count, whatever the activation is.</summary>
public readonly struct Stsu : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L x, L c)
        where L : struct, ILanes<L> => c;
}

/// <summary>ReSU: y = c · 1[x &gt; 0]</summary>
public readonly struct Resu : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L x, L c)
        where L : struct, ILanes<L> => L.Select(L.LessThan(L.Zero, x), c, L.Zero);
}

/// <summary>A noisy spike: y = 1 where an activation is not above 0, and its count is.</summary>
public readonly struct Noisy : IBinaryFunction
{
    /// <inheritdoc/>
    public L Value<L>(L x, L c)
        where L : struct, ILanes<L> => L.Select(L.LessThan(L.Zero, x), L.Zero, L.Select(L.LessThan(L.Zero, c), L.One, L.Zero));
}
