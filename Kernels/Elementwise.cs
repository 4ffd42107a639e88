using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>y += scale * x: how gradients pass through sums, residual adds and copies.</summary>
public readonly ref struct AddScaled : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n], accumulated.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Factor of x.</summary>
    public float Scale { get; init; } = 1f;

    /// <summary>A kernel with scale 1.</summary>
    public AddScaled()
    {
    }

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
        L scale = L.Splat(Scale);
        for (; i <= X.Length - L.Count; i += L.Count)
            L.Store(L.MulAdd(L.Load(X, i), scale, L.Load(Y, i)), Y, i);
        return i;
    }
}

/// <summary>y = factor * x.</summary>
public readonly ref struct ScaleForward : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>The factor.</summary>
    public required float Factor { get; init; }

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
        L factor = L.Splat(Factor);
        for (; i <= X.Length - L.Count; i += L.Count)
            L.Store(L.Load(X, i) * factor, Y, i);
        return i;
    }
}
