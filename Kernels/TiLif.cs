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

/// <summary>With u = x / threshold:  grad_x += grad_s · slope(u) / threshold.</summary>
/// <typeparam name="TSlope">What stands in for the slope of the spike.</typeparam>
public readonly ref struct TiLifBackward<TSlope> : ISimdKernel
    where TSlope : struct, ISpikeSlope
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> GradS { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>V_th</summary>
    public required float Threshold { get; init; }

    /// <summary>The slope.</summary>
    public required TSlope Slope { get; init; }

    /// <summary>[n], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == GradS.Length && X.Length == GradX.Length);
        Apply<Lanes1>(X, GradS, GradX, Slope, Apply<L>(X, GradS, GradX, Slope, 0));
    }

    private int Apply<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> gradS, Span<float> gradX, TSlope slope, int i)
        where L : struct, ILanes<L>
    {
        L threshold = L.Splat(Threshold), perThreshold = L.Splat(1f / Threshold);
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L perX = slope.Slope(L.Load(x, i) / threshold) * perThreshold;
            L.Store(L.MulAdd(L.Load(gradS, i), perX, L.Load(gradX, i)), gradX, i);
        }

        return i;
    }
}

/// <summary>
/// The same for a threshold that learns:  grad_V -= Σ grad_s · u · slope(u) / V, since u = x / V. With what a spike stands for, V s, its
/// whole gradient is that of a learned step size: s - u within the window and the last count outside.
/// </summary>
/// <typeparam name="TSlope">What stands in for the slope of the spike.</typeparam>
public readonly ref struct TiLifThresholdGradient<TSlope> : ISimdKernel
    where TSlope : struct, ISpikeSlope
{
    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> GradS { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>V_th</summary>
    public required float Threshold { get; init; }

    /// <summary>The slope.</summary>
    public required TSlope Slope { get; init; }

    /// <summary>[1], accumulated.</summary>
    public required Span<float> GradThreshold { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == GradS.Length && GradThreshold.Length == 1);
        L wide = Sum<L>(0, out int done);
        Lanes1 rest = Sum<Lanes1>(done, out _);
        GradThreshold[0] -= (L.Sum(wide) + Lanes1.Sum(rest)) / Threshold;
    }

    private L Sum<L>(int i, out int done)
        where L : struct, ILanes<L>
    {
        L sum = L.Zero, threshold = L.Splat(Threshold);
        for (; i <= X.Length - L.Count; i += L.Count)
        {
            L u = L.Load(X, i) / threshold;
            sum = L.MulAdd(L.Load(GradS, i) * u, Slope.Slope(u), sum);
        }

        done = i;
        return sum;
    }
}
