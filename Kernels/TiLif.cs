using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>s = clamp(round_half_even(x / threshold), lowest, highest): lowest = -D for TI-LIF, 0 for I-LIF.</summary>
public readonly ref struct TiLifForward : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>V_th</summary>
    public required float Threshold { get; init; }

    /// <summary>Smallest count.</summary>
    public required float Lowest { get; init; }

    /// <summary>Largest count, D.</summary>
    public required float Highest { get; init; }

    /// <summary>[n], whole numbers.</summary>
    public required Span<float> S { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == S.Length);
        Apply<Lanes1>(X, S, Apply<L>(X, S, 0));
    }

    private int Apply<L>(ReadOnlySpan<float> x, Span<float> s, int i)
        where L : struct, ILanes<L>
    {
        // A division, not a product with 1 / V_th: a tie must stay a tie.
        L threshold = L.Splat(Threshold), lowest = L.Splat(Lowest), highest = L.Splat(Highest);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(L.Max(lowest, L.Min(highest, L.Round(L.Load(x, i) / threshold))), s, i);
        return i;
    }
}

/// <summary>
/// With u = x / threshold:  grad_x += grad_s / threshold * (alpha [lowest &lt;= u &lt;= highest] + compensation * D * (1 - tanh²u)).
/// The second term is the value-preserving smoothed gradient compensation: a path D tanh(u) that the forward pass never sees.
/// </summary>
public readonly ref struct TiLifBackward : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> GradS { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>V_th</summary>
    public required float Threshold { get; init; }

    /// <summary>Smallest count.</summary>
    public required float Lowest { get; init; }

    /// <summary>Largest count, D.</summary>
    public required float Highest { get; init; }

    /// <summary>Slope of the surrogate inside the window.</summary>
    public required float Alpha { get; init; }

    /// <summary>λ, 0 for none.</summary>
    public required float Compensation { get; init; }

    /// <summary>[n], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == GradS.Length && X.Length == GradX.Length);
        if (Compensation == 0f)
            Window<Lanes1>(X, GradS, GradX, Window<L>(X, GradS, GradX, 0));
        else
            Compensated<Lanes1>(X, GradS, GradX, Compensated<L>(X, GradS, GradX, 0));
    }

    private int Window<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> gradS, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        L threshold = L.Splat(Threshold), lowest = L.Splat(Lowest), highest = L.Splat(Highest), alpha = L.Splat(Alpha / Threshold);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L slope = Inside(L.Load(x, i) / threshold, lowest, highest, alpha);
            L.Store(L.MulAdd(L.Load(gradS, i), slope, L.Load(gradX, i)), gradX, i);
        }

        return i;
    }

    private int Compensated<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> gradS, Span<float> gradX, int i)
        where L : struct, ILanes<L>
    {
        L threshold = L.Splat(Threshold), lowest = L.Splat(Lowest), highest = L.Splat(Highest), alpha = L.Splat(Alpha / Threshold);
        L smooth = L.Splat(Compensation * Highest / Threshold);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L u = L.Load(x, i) / threshold;
            L slope = L.MulAdd(smooth, default(Tanh).Slope(u), Inside(u, lowest, highest, alpha));
            L.Store(L.MulAdd(L.Load(gradS, i), slope, L.Load(gradX, i)), gradX, i);
        }

        return i;
    }

    private static L Inside<L>(L u, L lowest, L highest, L alpha)
        where L : struct, ILanes<L>
    {
        L below = L.Select(L.LessThan(u, lowest), L.Zero, alpha);
        return L.Select(L.LessThan(highest, u), L.Zero, below);
    }
}
