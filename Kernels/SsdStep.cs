using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// One token of the selective scan (Mamba-2 paper, equation 1 after discretisation), for decoding:
/// <code>
/// S = exp(dt A) S + dt B ⊗ x,   y = C S + D x
/// </code>
/// The state of a head is [N, P]: lanes run over the channels, so nothing is summed across them. The state comes from memory and goes
/// back: it is passed through once, in order, row by row, while y, dt x and their like stay in the first-level cache, or in registers where a row is four
/// of them (64 channels at the widest). Keeping y of longer rows in registers means several passes with gaps, which took 1.4 times as long.
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
        if (p == 4 * L.Count)
        {
            FourRegisters<L>(state, decay, b, c, u, y);
            return;
        }

        for (int k = 0; k < n; k++)
        {
            Span<float> row = state.Slice(k * p, p);
            int i = Row<L>(row, decay, b[k], c[k], u, y, 0);
            if (i < p)
                Row<Lanes1>(row, decay, b[k], c[k], u, y, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRegisters<L>(Span<float> state, float decay, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> u, Span<float> y)
        where L : struct, ILanes<L>
    {
        int n = L.Count;
        L kept = L.Splat(decay);
        L u0 = L.Load(u, 0), u1 = L.Load(u, n), u2 = L.Load(u, 2 * n), u3 = L.Load(u, 3 * n);
        L y0 = L.Load(y, 0), y1 = L.Load(y, n), y2 = L.Load(y, 2 * n), y3 = L.Load(y, 3 * n);
        for (int k = 0, i = 0; k < b.Length; k++, i += 4 * n)
        {
            L bk = L.Splat(b[k]), ck = L.Splat(c[k]);
            y0 = Element(state, i, kept, bk, ck, u0, y0);
            y1 = Element(state, i + n, kept, bk, ck, u1, y1);
            y2 = Element(state, i + 2 * n, kept, bk, ck, u2, y2);
            y3 = Element(state, i + 3 * n, kept, bk, ck, u3, y3);
        }

        L.Store(y0, y, 0);
        L.Store(y1, y, n);
        L.Store(y2, y, 2 * n);
        L.Store(y3, y, 3 * n);
    }

    /// <summary>A register of the state, moved on; y with what it adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Element<L>(Span<float> state, int i, L kept, L b, L c, L u, L y)
        where L : struct, ILanes<L>
    {
        Prefetch.Line<float>(state, i + AheadFloats);
        L s = L.MulAdd(b, u, kept * L.Load(state, i));
        L.Store(s, state, i);
        return L.MulAdd(c, s, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Row<L>(Span<float> row, float decay, float b, float c, ReadOnlySpan<float> u, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        L kept = L.Splat(decay), bk = L.Splat(b), ck = L.Splat(c);
        for (; i <= row.Length - L.Count; i += L.Count)
            L.Store(Element(row, i, kept, bk, ck, L.Load(u, i), L.Load(y, i)), y, i);

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
