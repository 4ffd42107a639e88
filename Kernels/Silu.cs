namespace SpikeEngine.Kernels;

/// <summary>y = x * σ(x)</summary>
public readonly struct Silu : IUnaryOp
{
    /// <inheritdoc/>
    public static L Value<L>(L x)
        where L : struct, ILanes<L> => x * LaneMath.Sigmoid(x);

    /// <inheritdoc/>
    public static L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        L s = LaneMath.Sigmoid(x);
        return s * L.MulAdd(x, L.One - s, L.One);
    }
}
