using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>An element-wise function of one argument: two formulas, from which every width and both directions follow.</summary>
public interface IUnaryOp
{
    /// <summary>y = f(x).</summary>
    static abstract L Value<L>(L x)
        where L : struct, ILanes<L>;

    /// <summary>f'(x).</summary>
    static abstract L Slope<L>(L x)
        where L : struct, ILanes<L>;
}

/// <summary>y = f(x), element by element.</summary>
/// <typeparam name="TOp">The function.</typeparam>
public readonly ref struct UnaryForward<TOp> : ISimdKernel
    where TOp : struct, IUnaryOp
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n]; may be the same memory as <see cref="X"/>.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == Y.Length);
        Apply<Lanes1>(Apply<L>(0));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        for (; i <= X.Length - L.Count; i += L.Count)
            L.Store(TOp.Value(L.Load(X, i)), Y, i);
        return i;
    }
}

/// <summary>grad_x += grad_y * f'(x), element by element.</summary>
/// <typeparam name="TOp">The function.</typeparam>
public readonly ref struct UnaryBackward<TOp> : ISimdKernel
    where TOp : struct, IUnaryOp
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[n], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == GradY.Length && X.Length == GradX.Length);
        Apply<Lanes1>(Apply<L>(0));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        for (; i <= X.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(L.Load(GradY, i), TOp.Slope(L.Load(X, i)), L.Load(GradX, i)), GradX, i);
        return i;
    }
}
