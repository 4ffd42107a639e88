using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>y += share (x - y), not fused: memory sets the pace, and the bits are then the same at every width.</summary>
public readonly ref struct MoveTowards : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>How much of the way.</summary>
    public required float Share { get; init; }

    /// <summary>[n], updated.</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == Y.Length);
        Apply<Lanes1>(X, Y, Apply<L>(X, Y, 0));
    }

    private int Apply<L>(ReadOnlySpan<float> x, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L share = L.Splat(Share);
        for (; i <= y.Length - L.Count; i += L.Count)
        {
            L from = L.Load(y, i);
            L.Store(from + share * (L.Load(x, i) - from), y, i);
        }

        return i;
    }
}
