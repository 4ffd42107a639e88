using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Attention of one head:  S = scale Q Kᵀ;  P = softmax of S over the keys up to each query;  O = P V. Blocks of queries pass over the keys
/// that they can see, so nothing above the diagonal is computed but within a block, and the map is never held at once.
/// </summary>
public readonly ref struct CausalAttentionForward : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required AttentionHead Head { get; init; }

    /// <summary>[T, P], tokens <see cref="AttentionHead.Stride"/> floats apart, as are K, V and O.</summary>
    public required ReadOnlySpan<float> Q { get; init; }

    /// <summary>Keys in front of the first query, which all queries see.</summary>
    public int Before { get; init; }

    /// <summary>[Before + T, P]</summary>
    public required ReadOnlySpan<float> K { get; init; }

    /// <summary>[Before + T, P]</summary>
    public required ReadOnlySpan<float> V { get; init; }

    /// <summary>scale, 1 / sqrt(P) as a rule.</summary>
    public required float Scale { get; init; }

    /// <summary>[T]: the first key that each query sees, never falling; empty for key 0.</summary>
    public ReadOnlySpan<int> FirstKeys { get; init; }

    /// <summary>[T, P], overwritten.</summary>
    public required Span<float> O { get; init; }

    /// <summary>[T]: ln Σ e^S of each query, for the backward pass.</summary>
    public required Span<float> LogSums { get; init; }

    /// <summary>[T, T]: P itself, where nothing is before it, zeros included; empty when nobody asks.</summary>
    public Span<float> Map { get; init; }

    /// <summary>Scratch of <see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <summary>Floats of scratch.</summary>
    public static int ScratchLength(AttentionHead head, int before = 0)
    {
        int keys = before + head.Length;
        return AttentionHead.Block * (keys + PackPanels.Width) + PackPanels.Length(head.HeadDim, keys) + PackPanels.Length(keys, head.HeadDim);
    }

    /// <summary>Multiply-adds of a head, counted twice.</summary>
    public static long Flops(AttentionHead head) => 2L * head.Length * (head.Length + 1) * head.HeadDim;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Scratch.Length >= ScratchLength(Head, Before), "scratch is short");
        if (Head.Length == 1)
        {
            One<L>();
            return;
        }

        (int length, int p, int stride) = Head;
        ScratchCutter scratch = new(Scratch);
        Span<float> scores = scratch.Take(AttentionHead.Block * (Before + length + PackPanels.Width));
        ReadOnlySpan<float> keys = SmallMatMul.Pack(K, stride, true, p, Before + length, scratch.Take(PackPanels.Length(p, Before + length)));
        for (int first = 0; first < length; first += AttentionHead.Block)
        {
            int end = Math.Min(first + AttentionHead.Block, length), from = AttentionHead.FirstKey(FirstKeys, first, PackPanels.Width), width = Before + end - from;
            SmallMatMul.Multiply(end - first, width, p, Q[(first * stride)..], stride, false, keys[(from * p)..], scores, width, false);
            for (int query = first; query < end; query++)
            {
                Span<float> row = scores.Slice((query - first) * width, width);
                int lowest = FirstKeys.IsEmpty ? 0 : FirstKeys[query] - from, past = Before + query + 1 - from;
                row[..lowest].Clear();
                row[past..].Clear();
                LogSums[query] = Row<L>(row[lowest..past]);
                if (!Map.IsEmpty)
                    Show(row, Map.Slice(query * length, length), from);
            }

            ReadOnlySpan<float> values = SmallMatMul.Pack(V[(from * stride)..], stride, false, width, p, scratch.Rest);
            SmallMatMul.Multiply(end - first, p, width, scores, width, false, values, O[(first * stride)..], stride, false);
        }
    }

    /// <summary>One query: its scores and its sum of values go over the keys as they lie.</summary>
    private void One<L>()
        where L : struct, ILanes<L>
    {
        (_, int p, int stride) = Head;
        int first = FirstKeys.IsEmpty ? 0 : FirstKeys[0], keys = Before + 1 - first;
        Span<float> row = Scratch[..keys], o = O[..p];
        for (int key = 0; key < keys; key++)
            row[key] = Reduce.Dot<L>(Q[..p], K.Slice((first + key) * stride, p));
        LogSums[0] = Row<L>(row);
        o.Clear();
        for (int key = 0; key < keys; key++)
            new AddScaled { X = V.Slice((first + key) * stride, p), Y = o, Scale = row[key] }.Run<L>();
        if (!Map.IsEmpty)
            Show(row, Map, first);
    }

    /// <summary>Softmax in place.</summary>
    /// <returns>ln Σ e^S</returns>
    private float Row<L>(Span<float> row)
        where L : struct, ILanes<L>
    {
        float largest = Reduce.Max<L>(row), sum = 0f;
        int done = Exponentials<L>(row, largest, 0, ref sum);
        Exponentials<Lanes1>(row, largest, done, ref sum);
        new ScaleForward { X = row, Factor = 1f / sum, Y = row }.Run<L>();
        return Scale * largest + Lanes1.Sum(LaneMath.Log(Lanes1.Splat(sum)));
    }

    private int Exponentials<L>(Span<float> row, float largest, int i, ref float sum)
        where L : struct, ILanes<L>
    {
        L max = L.Splat(largest), scale = L.Splat(Scale), a = L.Zero, b = L.Zero;
        for (; i <= row.Length - 2 * L.Count; i += 2 * L.Count)
        {
            L x = LaneMath.ExpOfNegative((L.Load(row, i) - max) * scale), y = LaneMath.ExpOfNegative((L.Load(row, i + L.Count) - max) * scale);
            a += x;
            b += y;
            L.Store(x, row, i);
            L.Store(y, row, i + L.Count);
        }

        for (; i <= row.Length - L.Count; i += L.Count)
        {
            L x = LaneMath.ExpOfNegative((L.Load(row, i) - max) * scale);
            a += x;
            L.Store(x, row, i);
        }

        sum += L.Sum(a + b);
        return i;
    }

    private static void Show(ReadOnlySpan<float> row, Span<float> map, int from)
    {
        map[..from].Clear();
        row.CopyTo(map[from..]);
        map[(from + row.Length)..].Clear();
    }
}

/// <summary>
/// Back through attention:  grad_P = grad_O Vᵀ;  grad_S = scale P (grad_P - Σ P grad_P);  grad_Q += grad_S K, grad_K += grad_Sᵀ Q,
/// grad_V += Pᵀ grad_O. P is computed again.
/// </summary>
public readonly ref struct CausalAttentionBackward : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required AttentionHead Head { get; init; }

    /// <summary>[T, P], as in the forward pass.</summary>
    public required ReadOnlySpan<float> Q { get; init; }

    /// <summary>[T, P]</summary>
    public required ReadOnlySpan<float> K { get; init; }

    /// <summary>[T, P]</summary>
    public required ReadOnlySpan<float> V { get; init; }

    /// <summary>scale</summary>
    public required float Scale { get; init; }

    /// <summary>[T]: the first key that each query sees; empty for key 0.</summary>
    public ReadOnlySpan<int> FirstKeys { get; init; }

    /// <summary>[T]: what the forward pass left.</summary>
    public required ReadOnlySpan<float> LogSums { get; init; }

    /// <summary>[T, P]</summary>
    public required ReadOnlySpan<float> GradO { get; init; }

    /// <summary>[T, P], added to.</summary>
    public required Span<float> GradQ { get; init; }

    /// <summary>[T, P], added to.</summary>
    public required Span<float> GradK { get; init; }

    /// <summary>[T, P], added to.</summary>
    public required Span<float> GradV { get; init; }

    /// <summary>Scratch of <see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <summary>Floats of scratch.</summary>
    public static int ScratchLength(AttentionHead head) => 2 * AttentionHead.Block * (head.Length + PackPanels.Width)
        + 2 * PackPanels.Length(head.HeadDim, head.Length) + PackPanels.Length(Math.Max(head.Length, AttentionHead.Block), head.HeadDim);

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Scratch.Length >= ScratchLength(Head), "scratch is short");
        (int length, int p, int stride) = Head;
        ScratchCutter scratch = new(Scratch);
        Span<float> map = scratch.Take(AttentionHead.Block * (length + PackPanels.Width)), grad = scratch.Take(AttentionHead.Block * (length + PackPanels.Width));
        ReadOnlySpan<float> keys = SmallMatMul.Pack(K, stride, true, p, length, scratch.Take(PackPanels.Length(p, length)));
        ReadOnlySpan<float> values = SmallMatMul.Pack(V, stride, true, p, length, scratch.Take(PackPanels.Length(p, length)));
        for (int first = 0; first < length; first += AttentionHead.Block)
        {
            int end = Math.Min(first + AttentionHead.Block, length), from = AttentionHead.FirstKey(FirstKeys, first, PackPanels.Width);
            int width = end - from, queries = end - first, at = first * stride;
            SmallMatMul.Multiply(queries, width, p, Q[at..], stride, false, keys[(from * p)..], map, width, false);
            SmallMatMul.Multiply(queries, width, p, GradO[at..], stride, false, values[(from * p)..], grad, width, false);
            for (int query = first; query < end; query++)
            {
                Span<float> row = map.Slice((query - first) * width, width), gradRow = grad.Slice((query - first) * width, width);
                int lowest = FirstKeys.IsEmpty ? 0 : FirstKeys[query] - from, past = query + 1 - from;
                row[..lowest].Clear();
                gradRow[..lowest].Clear();
                row[past..].Clear();
                gradRow[past..].Clear();
                Row<L>(row[lowest..past], gradRow[lowest..past], LogSums[query]);
            }

            SmallMatMul.Multiply(width, p, queries, map, width, true, SmallMatMul.Pack(GradO[at..], stride, false, queries, p, scratch.Rest), GradV[(from * stride)..], stride, true);
            SmallMatMul.Multiply(width, p, queries, grad, width, true, SmallMatMul.Pack(Q[at..], stride, false, queries, p, scratch.Rest), GradK[(from * stride)..], stride, true);
            SmallMatMul.Multiply(queries, p, width, grad, width, false, SmallMatMul.Pack(K[(from * stride)..], stride, false, width, p, scratch.Rest), GradQ[at..], stride, true);
        }
    }

    /// <summary>S becomes P, and grad_P becomes grad_S.</summary>
    private void Row<L>(Span<float> row, Span<float> grad, float logSum)
        where L : struct, ILanes<L>
    {
        float dot = 0f;
        Probabilities<Lanes1>(row, grad, logSum, Probabilities<L>(row, grad, logSum, 0, ref dot), ref dot);
        ThroughSoftmax<Lanes1>(row, grad, dot, ThroughSoftmax<L>(row, grad, dot, 0));
    }

    private int Probabilities<L>(Span<float> row, ReadOnlySpan<float> grad, float logSum, int i, ref float dot)
        where L : struct, ILanes<L>
    {
        L log = L.Splat(logSum), scale = L.Splat(Scale), sum = L.Zero;
        for (; i <= row.Length - L.Count; i += L.Count)
        {
            // Rounding may put a probability that is nearly 1 above it, and its logarithm above 0.
            L p = LaneMath.ExpOfNegative(L.Min(L.Load(row, i) * scale - log, L.Zero));
            L.AddProduct(ref sum, p, L.Load(grad, i));
            L.Store(p, row, i);
        }

        dot += L.Sum(sum);
        return i;
    }

    private int ThroughSoftmax<L>(ReadOnlySpan<float> row, Span<float> grad, float dot, int i)
        where L : struct, ILanes<L>
    {
        L pull = L.Splat(dot), scale = L.Splat(Scale);
        for (; i <= row.Length - L.Count; i += L.Count)
            L.Store(L.Load(row, i) * scale * (L.Load(grad, i) - pull), grad, i);
        return i;
    }
}
