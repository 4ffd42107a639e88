namespace SpikeEngine.Kernels;

/// <summary>y = -x</summary>
public readonly struct Neg : IUnaryOp
{
    /// <inheritdoc/>
    public static bool SlopeReadsX => false;

    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => -x;

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => -L.One;
}

/// <summary>y = |x|; gradient 0 at 0.</summary>
public readonly struct Abs : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.Abs(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => L.Select(L.LessThan(x, L.Zero), -L.One, default(Relu).Slope(x));
}

/// <summary>y = max(x, 0), NaN at NaN; gradient 0 at 0.</summary>
public readonly struct Relu : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.Max(L.Zero, x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => L.Select(L.LessThan(L.Zero, x), L.One, L.Zero);
}

/// <summary>y = min(max(x, low), high), NaN at NaN; gradient 1 inside and at both bounds, 0 outside.</summary>
/// <param name="low">Smallest value.</param>
/// <param name="high">Largest value.</param>
public readonly struct Clamp(float low, float high) : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.Max(L.Splat(low), L.Min(L.Splat(high), x));

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        L within = L.Select(L.LessThan(L.Splat(high), x), L.Zero, L.One);
        return L.Select(L.LessThan(x, L.Splat(low)), L.Zero, within);
    }
}
