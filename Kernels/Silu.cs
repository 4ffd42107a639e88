using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>y = x * σ(x)</summary>
public readonly struct Silu : IUnaryOp
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public L Value<L>(L x)
        where L : struct, ILanes<L> => LaneMath.TimesSigmoid(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public L Slope<L>(L x)
        where L : struct, ILanes<L>
    {
        L near = FlatTail.Clamp(x), s = LaneMath.SigmoidInRange(near);
        return L.Select(L.LessThan(x, L.Splat(FlatTail.Lowest)), L.Zero, s * L.MulAdd(near, L.One - s, L.One));
    }
}
