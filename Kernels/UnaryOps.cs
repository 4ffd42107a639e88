namespace SpikeEngine.Kernels;

/// <summary>y = σ(x) = 1 / (1 + e^-x)</summary>
public readonly struct Sigmoid : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Sigmoid(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        // σ(x) σ(-x) = e / (1 + e)² with e = e^-|x|: one exponential, no cancellation.
        L e = LaneMath.ExpOfNegative(-L.Abs(x));
        L w = L.One + e;
        return e / (w * w);
    }
}

/// <summary>y = ln(1 + e^x), and x itself above 20.</summary>
public readonly struct Softplus : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Softplus(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Sigmoid(x);
}

/// <summary>y = ln σ(x) = min(x, 0) - ln(1 + e^-|x|)</summary>
public readonly struct LogSigmoid : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.LogSigmoid(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Sigmoid(-x);
}

/// <summary>y = tanh x</summary>
public readonly struct Tanh : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Tanh(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        // 1 - tanh² x = 4 σ(2x) σ(-2x): no cancellation.
        return L.Splat(4f) * default(Sigmoid).Slope(x + x);
    }
}

/// <summary>y = e^x</summary>
public readonly struct Exp : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Exp(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Exp(x);
}
