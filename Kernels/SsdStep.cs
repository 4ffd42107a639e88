using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// One token of the selective scan (Mamba-2 paper, equation 1 after discretisation), for decoding:
/// <code>
/// S = exp(dt A) S + dt B ⊗ x,   y = C S + D x
/// </code>
/// The state of a head is [N, P]: lanes run over the channels, so nothing is summed across them.
/// </summary>
public readonly ref struct SsdStep : ISimdKernel
{
    /// <summary>Sizes; batch, length and chunk do not matter.</summary>
    public required SsdShape Shape { get; init; }

    /// <summary>[Inner + 2 G N]: x, B and C of this token.</summary>
    public required ReadOnlySpan<float> Xbc { get; init; }

    /// <summary>[H], after softplus.</summary>
    public required ReadOnlySpan<float> Dt { get; init; }

    /// <summary>[H], negative.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>[H]</summary>
    public required ReadOnlySpan<float> D { get; init; }

    /// <summary>[H, N, P], updated.</summary>
    public required Span<float> State { get; init; }

    /// <summary>[Inner]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Xbc.Length == Shape.RowLength && State.Length == Shape.Heads * Shape.HeadState);
        int p = Shape.HeadDim;
        for (int head = 0; head < Shape.Heads; head++)
        {
            int done = Channels<L>(head, 0, p - p % L.Count);
            Channels<Lanes1>(head, done, p);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Channels<L>(int head, int i, int end)
        where L : struct, ILanes<L>
    {
        int n = Shape.State, p = Shape.HeadDim, group = head / Shape.HeadsPerGroup;
        ReadOnlySpan<float> b = Xbc.Slice(Shape.BColumn(group), n), c = Xbc.Slice(Shape.CColumn(group), n);
        Span<float> state = State.Slice(head * n * p, n * p);
        L decay = L.Splat(LaneMath.Exp(Dt[head] * A[head])), dt = L.Splat(Dt[head]), d = L.Splat(D[head]);
        for (; i < end; i += L.Count)
        {
            L x = L.Load(Xbc, head * p + i);
            L u = dt * x, y = d * x;
            for (int k = 0; k < n; k++)
            {
                L s = L.MulAdd(L.Splat(b[k]), u, decay * L.Load(state, k * p + i));
                L.Store(s, state, k * p + i);
                y = L.MulAdd(L.Splat(c[k]), s, y);
            }

            L.Store(y, Y, head * p + i);
        }

        return i;
    }
}
