namespace SpikeEngine.Kernels;

/// <summary>y = x * σ(x)</summary>
public readonly struct Silu : IUnaryOp
{
    /// <inheritdoc/>
    public L Value<L>(L x)
        where L : struct, ILanes<L> => L.Max(L.Splat(FlatTail.Lowest), x) * LaneMath.Sigmoid(x);

    /// <inheritdoc/>
    public L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        x = FlatTail.Clamp(x);
        L s = LaneMath.Sigmoid(x);
        return s * L.MulAdd(x, L.One - s, L.One);
    }
}
