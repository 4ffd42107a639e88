namespace SpikeEngine.Kernels;

/// <summary>y = -e^x: the decay rate A of a head from its logarithm.</summary>
public readonly struct NegExp : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => -LaneMath.Exp(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L> => -LaneMath.Exp(x);
}
