using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// One token of the selective scan (Mamba-2 paper, equation 1 after discretisation), for decoding:
/// <code>
/// S = exp(dt A) S + dt B ⊗ x,   y = C S + D x
/// </code>
/// The state of a head is [N, P]: lanes run over the channels, so nothing is summed across them. The state comes from memory and goes
/// back: it is passed through once, in order, row by row, while y, dt x and their like stay in the first-level cache. Keeping y in
/// registers instead means several passes with gaps, which took 1.4 times as long as this one, as long as a plain pass does.
/// </summary>
public readonly ref struct SsdStep : ISimdKernel
{
    private const int MostOnStack = 256;   // channels of a head
    private const int AheadFloats = 512;   // eight rows of 64

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
        Span<float> u = Shape.HeadDim <= MostOnStack ? stackalloc float[MostOnStack] : new float[Shape.HeadDim];
        u = u[..Shape.HeadDim];
        for (int head = FirstHead; head < EndHead; head++)
        {
            float dt = Dt[head], decay = LaneMath.Exp(dt * A[head]);
            ReadOnlySpan<float> x = Xbc.Slice(head * Shape.HeadDim, Shape.HeadDim);
            Span<float> y = Y.Slice(head * Shape.HeadDim, Shape.HeadDim);
            Scale<Lanes1>(x, dt, u, Scale<L>(x, dt, u, 0));
            Scale<Lanes1>(x, D[head], y, Scale<L>(x, D[head], y, 0));
            Head<L>(head, decay, u, y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Head<L>(int head, float decay, ReadOnlySpan<float> u, Span<float> y)
        where L : struct, ILanes<L>
    {
        int n = Shape.State, p = u.Length, group = head / Shape.HeadsPerGroup;
        ReadOnlySpan<float> b = Xbc.Slice(Shape.BColumn(group), n), c = Xbc.Slice(Shape.CColumn(group), n);
        Span<float> state = State.Slice(head * n * p, n * p);
        for (int k = 0; k < n; k++)
        {
            Span<float> row = state.Slice(k * p, p);
            int i = Row<L>(row, decay, b[k], c[k], u, y, 0);
            if (i < p)
                Row<Lanes1>(row, decay, b[k], c[k], u, y, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Row<L>(Span<float> row, float decay, float b, float c, ReadOnlySpan<float> u, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L kept = L.Splat(decay), bk = L.Splat(b), ck = L.Splat(c);
        for (; i <= row.Length - L.Count; i += L.Count)
        {
            Prefetch.Line<float>(row, i + AheadFloats);
            L s = L.MulAdd(bk, L.Load(u, i), kept * L.Load(row, i));
            L.Store(s, row, i);
            L.Store(L.MulAdd(ck, s, L.Load(y, i)), y, i);
        }

        return i;
    }

    private static int Scale<L>(ReadOnlySpan<float> x, float factor, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L by = L.Splat(factor);
        for (; i <= x.Length - L.Count; i += L.Count)
            L.Store(by * L.Load(x, i), y, i);
        return i;
    }
}
