using System.Diagnostics;
using System.Numerics;

namespace SpikeEngine.Kernels;

/// <summary>How many of x spike: those whose u = x / threshold rounds to something other than 0, |u| > 1/2, or u > 1/2 without counts below 0.</summary>
public readonly ref struct SpikeActivityForward : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>V_th</summary>
    public required float Threshold { get; init; }

    /// <summary>Whether there are counts below 0.</summary>
    public required bool HasSign { get; init; }

    /// <summary>[1], accumulated: a whole number, the same in any order.</summary>
    public required Span<float> Count { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int count = Apply<L>(0, out int done) + Apply<Lanes1>(done, out _);
        Count[0] += count;
    }

    private int Apply<L>(int i, out int done)
        where L : struct, ILanes<L>
    {
        L threshold = L.Splat(Threshold), half = L.Splat(0.5f);
        int count = 0;
        for (; i <= X.Length - L.Count; i += L.Count)
        {
            L u = L.Load(X, i) / threshold;
            count += BitOperations.PopCount(L.Bits(L.LessThan(half, HasSign ? L.Abs(u) : u)));
        }

        done = i;
        return count;
    }
}

/// <summary>
/// The slope that stands in for that of such a count: 2 - 4 | |u| - 1/2 | within half a threshold of the edge, 0 elsewhere.
/// grad_x += factor · slope(u) sign(u) / V;  grad_V -= factor · slope(u) |u| / V.
/// </summary>
public readonly ref struct SpikeActivityBackward : ISimdKernel
{
    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>V_th</summary>
    public required float Threshold { get; init; }

    /// <summary>Whether there are counts below 0.</summary>
    public required bool HasSign { get; init; }

    /// <summary>Gradient of the count.</summary>
    public required float Factor { get; init; }

    /// <summary>[n], accumulated; empty when nobody asked.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>[1], accumulated; empty when nobody asked.</summary>
    public required Span<float> GradThreshold { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(GradX.IsEmpty || GradX.Length == X.Length);
        L wide = Apply<L>(0, out int done);
        Lanes1 rest = Apply<Lanes1>(done, out _);
        if (!GradThreshold.IsEmpty)
            GradThreshold[0] -= L.Sum(wide) + Lanes1.Sum(rest);
    }

    private L Apply<L>(int i, out int done)
        where L : struct, ILanes<L>
    {
        L threshold = L.Splat(Threshold), factor = L.Splat(Factor / Threshold), half = L.Splat(0.5f), sum = L.Zero;
        TriangularSurrogate edge = new(2f);
        for (; i <= X.Length - L.Count; i += L.Count)
        {
            L u = L.Load(X, i) / threshold, size = HasSign ? L.Abs(u) : u;
            L slope = factor * edge.Slope(size - half);
            sum = L.MulAdd(slope, size, sum);
            if (!GradX.IsEmpty)
                L.Store(L.Load(GradX, i) + (HasSign ? L.Select(L.LessThan(u, L.Zero), -slope, slope) : slope), GradX, i);
        }

        done = i;
        return sum;
    }
}
