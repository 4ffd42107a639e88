using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// State-space dual scan of one sequence and one block of heads, in chunks (Mamba-2 paper, section 6; listing "ssd_minimal").
/// With cs the running sum of dt·A inside a chunk and S the state at its start:
/// <code>
/// M[i,j] = (C_i · B_j) exp(cs_i - cs_j) dt_j   for j ≤ i
/// y      = M x + exp(cs) C S + D x
/// S_next = exp(cs_last) S + Σ_j exp(cs_last - cs_j) dt_j B_j ⊗ x_j
/// </code>
/// Where a document starts, the state that enters is 0: decays across such a token are.
/// It equals the recurrence of <see cref="SsdStep"/>, with matrix products in place of its steps. States are stored as
/// [N, P]: then x is packed once for both products, and decoding needs no sum across lanes.
/// </summary>
public readonly ref struct SsdForward : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required SsdShape Shape { get; init; }

    /// <summary>Block of heads, in [0, Shape.HeadBlocks).</summary>
    public required int HeadBlock { get; init; }

    /// <summary>[T, Inner + 2 G N]: x, B and C of this sequence.</summary>
    public required ReadOnlySpan<float> Xbc { get; init; }

    /// <summary>[T, H], after softplus.</summary>
    public required ReadOnlySpan<float> Dt { get; init; }

    /// <summary>[H], negative.</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>[H]</summary>
    public required ReadOnlySpan<float> D { get; init; }

    /// <summary>[T]: where documents start, no state enters those tokens; or empty.</summary>
    public ReadOnlySpan<bool> Starts { get; init; }

    /// <summary>[H, N, P] on entry the initial, on return the final state.</summary>
    public required Span<float> State { get; init; }

    /// <summary>[chunks, H, N, P]: the state at the start of every chunk, for the backward pass; or empty.</summary>
    public Span<float> ChunkStates { get; init; }

    /// <summary>[T, Inner]</summary>
    public required Span<float> Y { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(SsdShape shape)
    {
        int q = Math.Min(shape.Chunk, shape.Length);
        return SsdDecay.ScratchLength(q) + 2 * q * q + q * shape.State + PackLength(q, shape);
    }

    /// <summary>
    /// Operations on all sequences and heads, halves of squares counted as such. For a chunk of q tokens: C Bᵀ takes q (q + 1) N once for the heads of
    /// a block; then each head takes q (q + 1) P for M x, 2 q N P for what the state contributes and 2 q N P for the next state.
    /// </summary>
    public static long Flops(SsdShape shape)
    {
        (int whole, int rest) = Math.DivRem(shape.Length, shape.Chunk);
        return shape.Batch * (whole * OfChunk(shape.Chunk) + OfChunk(rest));

        long OfChunk(long q) =>
            q * (q + 1) * shape.State * shape.HeadBlocks + shape.Heads * (q * (q + 1) * shape.HeadDim + 4 * q * shape.HeadState);
    }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Scratch.Length >= ScratchLength(Shape), "scratch is short");
        int group = Shape.GroupOf(HeadBlock);
        for (int chunk = 0; chunk < Shape.Chunks; chunk++)
        {
            int start = chunk * Shape.Chunk;
            int q = Math.Min(Shape.Chunk, Shape.Length - start);
            RunChunk<L>(chunk, start, q, group);
        }
    }

    private void RunChunk<L>(int chunk, int start, int q, int group)
        where L : struct, ILanes<L>
    {
        int n = Shape.State, p = Shape.HeadDim, stride = Shape.RowLength;
        ScratchCutter scratch = new(Scratch);
        SsdDecay decay = new(q, Starts.IsEmpty ? [] : Starts.Slice(start, q), ref scratch);
        Span<float> cb = scratch.Take(q * q), mixing = scratch.Take(q * q), scaled = scratch.Take(q * n), pack = scratch.Rest;

        // Above the diagonal the product is left as it is, and multiplied by 0: there must be numbers.
        cb.Clear();
        ReadOnlySpan<float> rows = Xbc[(start * stride)..];
        ReadOnlySpan<float> b = rows[Shape.BColumn(group)..], c = rows[Shape.CColumn(group)..];
        SmallMatMul.Multiply(q, q, n, c, stride, false, SmallMatMul.Pack(b, stride, true, n, q, pack), cb, q, false, Triangle.LowerC);

        for (int head = Shape.FirstHead(HeadBlock); head < Shape.FirstHead(HeadBlock + 1); head++)
        {
            ReadOnlySpan<float> x = rows[(head * p)..];
            Span<float> y = Y[(start * Shape.Inner + head * p)..];
            Span<float> state = State.Slice(head * n * p, n * p);
            if (!ChunkStates.IsEmpty)
                state.CopyTo(ChunkStates.Slice((chunk * Shape.Heads + head) * n * p, n * p));

            decay.Fill<L>(Dt[(start * Shape.Heads + head)..], Shape.Heads, A[head]);
            decay.Mix<L>(cb, mixing);

            // exp(cs) C S: what the state at the chunk's start still contributes.
            ScaleRows<L>(c, stride, decay.FromStart, n, scaled);
            SmallMatMul.Multiply(q, p, n, scaled, n, false, SmallMatMul.Pack(state, p, false, n, p, pack), y, Shape.Inner, false);

            ReadOnlySpan<float> packedX = SmallMatMul.Pack(x, stride, false, q, p, pack);
            SmallMatMul.Multiply(q, p, q, mixing, q, false, packedX, y, Shape.Inner, true, Triangle.LowerA);
            for (int i = 0; i < q; i++)
                new AddScaled { X = x.Slice(i * stride, p), Y = y.Slice(i * Shape.Inner, p), Scale = D[head] }.Run<L>();

            // S_next = exp(cs_last) S + (exp(cs_last - cs) dt B)ᵀ x
            for (int j = 0; j < q; j++)
                decay.ToEnd[j] *= decay.Dt[j];
            ScaleRows<L>(b, stride, decay.ToEnd, n, scaled);
            new ScaleForward { X = state, Y = state, Factor = decay.FromStart[q - 1] }.Run<L>();
            SmallMatMul.Multiply(n, p, q, scaled, n, true, packedX, state, p, true);
        }
    }

    /// <summary>to[i, :] = factors[i] * from[i, :]</summary>
    internal static void ScaleRows<L>(ReadOnlySpan<float> from, int stride, ReadOnlySpan<float> factors, int columns, Span<float> to)
        where L : struct, ILanes<L>
    {
        for (int i = 0; i < factors.Length; i++)
            new ScaleForward { X = from.Slice(i * stride, columns), Y = to.Slice(i * columns, columns), Factor = factors[i] }.Run<L>();
    }

    /// <summary>Room for the largest packed operand of a chunk, at any width.</summary>
    internal static int PackLength(int q, SsdShape shape)
    {
        int widest = Math.Max(q, Math.Max(shape.HeadDim, shape.State));
        return widest * (widest + 32);
    }
}
