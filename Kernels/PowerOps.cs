namespace SpikeEngine.Kernels;

/// <summary>y = x²</summary>
public readonly struct Square : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => x * x;

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => x + x;
}

/// <summary>y = sqrt x; NaN below 0.</summary>
public readonly struct Sqrt : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.Sqrt(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => L.Splat(0.5f) / L.Sqrt(x);
}

/// <summary>y = 1 / sqrt x; infinity at 0, NaN below.</summary>
public readonly struct Rsqrt : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.One / L.Sqrt(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => L.Splat(-0.5f) / (x * L.Sqrt(x));
}

/// <summary>y = ln x; -infinity at 0, NaN below.</summary>
public readonly struct Log : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Log(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => L.One / x;
}

/// <summary>y = x^p for a constant p; x^0 is 1, and its gradient 0, for every x.</summary>
/// <param name="exponent">p</param>
public readonly struct Pow(float exponent) : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Pow(x, L.Splat(exponent));

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => exponent == 0f ? L.Zero : L.Splat(exponent) * LaneMath.Pow(x, L.Splat(exponent - 1f));
}
