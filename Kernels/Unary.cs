using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// An element-wise function of one argument: two formulas, from which every width and both directions follow. A constant of
/// the function, as an exponent, is a field of the struct.
/// </summary>
public interface IUnaryOp
{
    /// <summary>Whether the slope depends on x at all; if not, the backward pass does not read x.</summary>
    static virtual bool SlopeReadsX => true;

    /// <summary>y = f(x).</summary>
    L Value<L>(L x)
        where L : struct, ILanes<L>;

    /// <summary>f'(x).</summary>
    L Slope<L>(L x)
        where L : struct, ILanes<L>;
}

/// <summary>y = f(x), element by element.</summary>
/// <typeparam name="TOp">The function.</typeparam>
public readonly ref struct UnaryForward<TOp> : ISimdKernel
    where TOp : struct, IUnaryOp
{
    /// <summary>The function's constants, if it has any.</summary>
    public TOp Op { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n]; may be the same memory as <see cref="X"/>.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == Y.Length);
        Apply<Lanes1>(Op, X, Y, Apply<L>(Op, X, Y, 0));
    }

    private static int Apply<L>(TOp op, ReadOnlySpan<float> x, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(op.Value(L.Load(x, i)), y, i);
        return i;
    }
}

/// <summary>grad_x += grad_y * f'(x), element by element.</summary>
/// <typeparam name="TOp">The function.</typeparam>
public readonly ref struct UnaryBackward<TOp> : ISimdKernel
    where TOp : struct, IUnaryOp
{
    /// <summary>The function's constants, if it has any.</summary>
    public TOp Op { get; init; }

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
        Apply<Lanes1>(Op, X, GradY, GradX, Apply<L>(Op, X, GradY, GradX, 0));
    }

    private static int Apply<L>(TOp op, ReadOnlySpan<float> x, ReadOnlySpan<float> gradY, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= gradY.Length - L.Count; i += L.Count)
        {
            L slope = op.Slope(TOp.SlopeReadsX ? L.Load(x, i) : L.Zero);
            L.Store(L.MulAdd(L.Load(gradY, i), slope, L.Load(gradX, i)), gradX, i);
        }

        return i;
    }
}
