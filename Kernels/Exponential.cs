namespace SpikeEngine.Kernels;

/// <summary>y = e^x</summary>
public readonly struct Exponential : IUnaryOp
{
    /// <inheritdoc/>
    public static L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Exp(x);

    /// <inheritdoc/>
    public static L Slope<L>(L x)
        where L : struct, ILanes<L> => LaneMath.Exp(x);
}
