using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// One token of the selective scan (Mamba-2 paper, equation 1 after discretisation), for decoding:
/// <code>
/// S = exp(dt A) S + dt B ⊗ x,   y = C S + D x
/// </code>
/// The state of a head is [N, P]: lanes run over the channels, so nothing is summed across them. Four registers of channels go
/// together, so that the lines of the state, which comes from memory, are used whole.
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

    /// <summary>First head to do.</summary>
    public required int FirstHead { get; init; }

    /// <summary>The head to stop before.</summary>
    public required int EndHead { get; init; }

    /// <summary>[H, N, P], updated.</summary>
    public required Span<float> State { get; init; }

    /// <summary>[Inner]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Xbc.Length == Shape.RowLength && State.Length == Shape.Heads * Shape.HeadState);
        for (int head = FirstHead; head < EndHead; head++)
            Channels<Lanes1>(head, Channels<L>(head, FourTimes<L>(head)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FourTimes<L>(int head)
        where L : struct, ILanes<L>
    {
        int n = Shape.State, p = Shape.HeadDim, group = head / Shape.HeadsPerGroup, step = L.Count;
        ReadOnlySpan<float> b = Xbc.Slice(Shape.BColumn(group), n), c = Xbc.Slice(Shape.CColumn(group), n), x = Xbc.Slice(head * p, p);
        Span<float> state = State.Slice(head * n * p, n * p), y = Y.Slice(head * p, p);
        L decay = L.Splat(LaneMath.Exp(Dt[head] * A[head])), dt = L.Splat(Dt[head]), d = L.Splat(D[head]);
        int i = 0;
        for (; i <= p - 4 * step; i += 4 * step)
        {
            L u0 = dt * L.Load(x, i), u1 = dt * L.Load(x, i + step), u2 = dt * L.Load(x, i + 2 * step), u3 = dt * L.Load(x, i + 3 * step);
            L y0 = d * L.Load(x, i), y1 = d * L.Load(x, i + step), y2 = d * L.Load(x, i + 2 * step), y3 = d * L.Load(x, i + 3 * step);
            for (int k = 0, at = i; k < n; k++, at += p)
            {
                L bk = L.Splat(b[k]), ck = L.Splat(c[k]);
                L s0 = L.MulAdd(bk, u0, decay * L.Load(state, at)), s1 = L.MulAdd(bk, u1, decay * L.Load(state, at + step));
                L.Store(s0, state, at);
                L.Store(s1, state, at + step);
                L.AddProduct(ref y0, ck, s0);
                L.AddProduct(ref y1, ck, s1);
                L s2 = L.MulAdd(bk, u2, decay * L.Load(state, at + 2 * step)), s3 = L.MulAdd(bk, u3, decay * L.Load(state, at + 3 * step));
                L.Store(s2, state, at + 2 * step);
                L.Store(s3, state, at + 3 * step);
                L.AddProduct(ref y2, ck, s2);
                L.AddProduct(ref y3, ck, s3);
            }

            L.Store(y0, y, i);
            L.Store(y1, y, i + step);
            L.Store(y2, y, i + 2 * step);
            L.Store(y3, y, i + 3 * step);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Channels<L>(int head, int i)
        where L : struct, ILanes<L>
    {
        int n = Shape.State, p = Shape.HeadDim, group = head / Shape.HeadsPerGroup;
        ReadOnlySpan<float> b = Xbc.Slice(Shape.BColumn(group), n), c = Xbc.Slice(Shape.CColumn(group), n);
        Span<float> state = State.Slice(head * n * p, n * p);
        L decay = L.Splat(LaneMath.Exp(Dt[head] * A[head])), dt = L.Splat(Dt[head]), d = L.Splat(D[head]);
        for (; i <= p - L.Count; i += L.Count)
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
