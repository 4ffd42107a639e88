using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Gradient of <see cref="SsdForward"/> for one sequence and one block of heads. Chunks run from last to first and hand
/// the gradient of the state to the chunk before; inside a chunk everything is a matrix product. With G = grad_y xᵀ and
/// L[i,j] = exp(cs_i - cs_j) for j ≤ i:
/// <code>
/// E = G ∘ (C Bᵀ) ∘ L              grad_dt_j += Σ_i E_ij;  grad_cs_i += Σ_j E_ij dt_j;  grad_cs_j -= Σ_i E_ij dt_j
/// grad_(C Bᵀ) = G ∘ L dt          summed over the heads of the block, then multiplied into grad_C and grad_B once
/// grad_S = exp(cs_last) grad_S_next + (exp(cs) C)ᵀ grad_y
/// grad_dt += A grad_l,  grad_A += Σ dt grad_l,  grad_l_t = Σ_{i ≥ t} grad_cs_i
/// </code>
/// </summary>
public readonly ref struct SsdBackward : ISimdKernel
{
    /// <summary>Sizes.</summary>
    public required SsdShape Shape { get; init; }

    /// <summary>Block of heads, in [0, Shape.HeadBlocks).</summary>
    public required int HeadBlock { get; init; }

    /// <summary>[T, Inner + 2 G N]</summary>
    public required ReadOnlySpan<float> Xbc { get; init; }

    /// <summary>[T, H]</summary>
    public required ReadOnlySpan<float> Dt { get; init; }

    /// <summary>[H]</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>[H]</summary>
    public required ReadOnlySpan<float> D { get; init; }

    /// <summary>[T]: where documents start, as in the forward pass; or empty.</summary>
    public ReadOnlySpan<bool> Starts { get; init; }

    /// <summary>[chunks, H, N, P], from the forward pass.</summary>
    public required ReadOnlySpan<float> ChunkStates { get; init; }

    /// <summary>[T, Inner]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[H, N, P]: on entry the gradient of the final state, on return that of the initial state.</summary>
    public required Span<float> GradState { get; init; }

    /// <summary>[T, Inner + 2 G N], accumulated in the columns of x.</summary>
    public required Span<float> GradXbc { get; init; }

    /// <summary>[T, 2 N], overwritten: this block's share of the gradients of B and C of its group.</summary>
    public required Span<float> GradBC { get; init; }

    /// <summary>[T, H], accumulated in the columns of the block's heads.</summary>
    public required Span<float> GradDt { get; init; }

    /// <summary>[H], accumulated for the block's heads.</summary>
    public required Span<float> GradA { get; init; }

    /// <summary>[H], accumulated for the block's heads.</summary>
    public required Span<float> GradD { get; init; }

    /// <summary><see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Room that the kernel needs.</summary>
    public static int ScratchLength(SsdShape shape)
    {
        int q = Math.Min(shape.Chunk, shape.Length);
        return SsdDecay.ScratchLength(q) + 5 * q * q + 2 * q + 2 * q * shape.State + q * shape.HeadDim + 2 * SsdForward.PackLength(q, shape);
    }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Scratch.Length >= ScratchLength(Shape), "scratch is short");
        int group = Shape.GroupOf(HeadBlock);
        for (int chunk = Shape.Chunks - 1; chunk >= 0; chunk--)
        {
            int start = chunk * Shape.Chunk;
            RunChunk<L>(chunk, start, Math.Min(Shape.Chunk, Shape.Length - start), group);
        }
    }

    private void RunChunk<L>(int chunk, int start, int q, int group)
        where L : struct, ILanes<L>
    {
        int n = Shape.State, p = Shape.HeadDim, stride = Shape.RowLength, inner = Shape.Inner;
        ScratchCutter scratch = new(Scratch);
        SsdDecay decay = new(q, Starts.IsEmpty ? [] : Starts.Slice(start, q), ref scratch);
        Span<float> gradCs = scratch.Take(q), gradDt = scratch.Take(q);
        Span<float> cb = scratch.Take(q * q), gradCb = scratch.Take(q * q), mixing = scratch.Take(q * q), g = scratch.Take(q * q);
        Span<float> row = scratch.Take(q);
        Span<float> scaled = scratch.Take(q * n), rowsN = scratch.Take(q * n), rowsP = scratch.Take(q * p);
        Span<float> pack = scratch.Take(SsdForward.PackLength(Math.Min(Shape.Chunk, Shape.Length), Shape)), packY = scratch.Rest;

        // Above the diagonal these products are left as they are, and multiplied by 0: there must be numbers.
        cb.Clear();
        g.Clear();
        ReadOnlySpan<float> rows = Xbc[(start * stride)..];
        ReadOnlySpan<float> b = rows[Shape.BColumn(group)..], c = rows[Shape.CColumn(group)..];
        Span<float> gradB = GradBC[(start * 2 * n)..], gradC = GradBC[(start * 2 * n + n)..];
        SmallMatMul.Multiply(q, q, n, c, stride, false, SmallMatMul.Pack(b, stride, true, n, q, pack), cb, q, false, Triangle.LowerC);
        gradCb.Clear();
        GradBC.Slice(start * 2 * n, q * 2 * n).Clear();

        for (int head = Shape.FirstHead(HeadBlock); head < Shape.FirstHead(HeadBlock + 1); head++)
        {
            ReadOnlySpan<float> x = rows[(head * p)..];
            ReadOnlySpan<float> gradY = GradY[(start * inner + head * p)..];
            ReadOnlySpan<float> state = ChunkStates.Slice((chunk * Shape.Heads + head) * n * p, n * p);
            Span<float> gradX = GradXbc[(start * stride + head * p)..];
            Span<float> gradState = GradState.Slice(head * n * p, n * p);
            decay.Fill<L>(Dt[(start * Shape.Heads + head)..], Shape.Heads, A[head]);
            gradCs.Clear();
            gradDt.Clear();

            // Inside the chunk: y = M x.
            SmallMatMul.Multiply(q, q, p, gradY, inner, false, SmallMatMul.Pack(x, stride, true, p, q, pack), g, q, false, Triangle.LowerC);
            for (int i = 0; i < q; i++)
            {
                decay.Row<L>(i, row);
                gradCs[i] += MixRow<L>(
                    i, row, cb.Slice(i * q, q), g.Slice(i * q, q), decay.Dt, mixing.Slice(i * q, q), gradCb.Slice(i * q, q), gradDt);
            }

            for (int j = 0; j < q; j++)
                gradCs[j] -= gradDt[j] * decay.Dt[j];
            ReadOnlySpan<float> packedGradY = SmallMatMul.Pack(gradY, inner, false, q, p, packY);
            SmallMatMul.Multiply(q, p, q, mixing, q, true, packedGradY, gradX, stride, true, Triangle.UpperA);

            // What the chunk leaves to the next state: Σ_j w_j dt_j B_j ⊗ x_j, w = exp(cs_last - cs).
            SmallMatMul.Multiply(q, p, n, b, stride, false, SmallMatMul.Pack(gradState, p, false, n, p, pack), rowsP, p, false);
            SmallMatMul.Multiply(q, n, p, x, stride, false, SmallMatMul.Pack(gradState, p, true, p, n, pack), rowsN, n, false);
            float last = 0f;
            for (int j = 0; j < q; j++)
            {
                float w = decay.ToEnd[j], weight = w * decay.Dt[j];
                float r = Reduce.Dot<L>(b.Slice(j * stride, n), rowsN.Slice(j * n, n));
                gradDt[j] += w * r;
                gradCs[j] -= weight * r;
                last += weight * r;
                new AddScaled { X = rowsP.Slice(j * p, p), Y = gradX.Slice(j * stride, p), Scale = weight }.Run<L>();
                new AddScaled { X = rowsN.Slice(j * n, n), Y = gradB.Slice(j * 2 * n, n), Scale = weight }.Run<L>();
            }

            // What the state at the start adds: exp(cs) C S.
            SmallMatMul.Multiply(q, n, p, gradY, inner, false, SmallMatMul.Pack(state, p, true, p, n, pack), rowsN, n, false);
            for (int i = 0; i < q; i++)
            {
                float a = decay.FromStart[i];
                gradCs[i] += a * Reduce.Dot<L>(c.Slice(i * stride, n), rowsN.Slice(i * n, n));
                new AddScaled { X = rowsN.Slice(i * n, n), Y = gradC.Slice(i * 2 * n, n), Scale = a }.Run<L>();
            }

            float total = decay.FromStart[q - 1];
            last += total * Reduce.Dot<L>(gradState, state);
            gradCs[q - 1] += last;
            SsdForward.ScaleRows<L>(c, stride, decay.FromStart, n, scaled);
            new ScaleForward { X = gradState, Y = gradState, Factor = total }.Run<L>();
            SmallMatMul.Multiply(n, p, q, scaled, n, true, packedGradY, gradState, p, true);

            // The skip D x.
            float gradD = 0f;
            for (int i = 0; i < q; i++)
            {
                gradD += Reduce.Dot<L>(gradY.Slice(i * inner, p), x.Slice(i * stride, p));
                new AddScaled { X = gradY.Slice(i * inner, p), Y = gradX.Slice(i * stride, p), Scale = D[head] }.Run<L>();
            }

            GradD[head] += gradD;
            PutTimeSteps(start, head, decay, gradCs, gradDt);
        }

        // C Bᵀ, once for all heads of the block.
        SmallMatMul.Multiply(q, n, q, gradCb, q, false, SmallMatMul.Pack(b, stride, false, q, n, pack), gradC, 2 * n, true, Triangle.LowerA);
        SmallMatMul.Multiply(q, n, q, gradCb, q, true, SmallMatMul.Pack(c, stride, false, q, n, pack), gradB, 2 * n, true, Triangle.UpperA);
    }

    /// <summary>One row of M, E and grad_(C Bᵀ); adds E to the column sums and returns Σ_j E_ij dt_j.</summary>
    private static float MixRow<L>(
        int i, ReadOnlySpan<float> decay, ReadOnlySpan<float> cb, ReadOnlySpan<float> g, ReadOnlySpan<float> dt,
        Span<float> mixing, Span<float> gradCb, Span<float> columnSums)
        where L : struct, ILanes<L>
    {
        int q = decay.Length, j = 0;
        L sum = L.Zero;
        for (; j <= i && j <= q - L.Count; j += L.Count)
            sum += Step<L>(j, decay, cb, g, dt, mixing, gradCb, columnSums);
        float total = L.Sum(sum);
        for (; j <= i; j++)
            total += Lanes1.Sum(Step<Lanes1>(j, decay, cb, g, dt, mixing, gradCb, columnSums));

        // Above the diagonal the decay is 0, and so is everything else.
        if (j < q)
            mixing[j..].Clear();
        return total;

        static T Step<T>(
            int j, ReadOnlySpan<float> decay, ReadOnlySpan<float> cb, ReadOnlySpan<float> g, ReadOnlySpan<float> dt,
            Span<float> mixing, Span<float> gradCb, Span<float> columnSums)
            where T : struct, ILanes<T>
        {
            T l = T.Load(decay, j), product = T.Load(cb, j), grad = T.Load(g, j), step = T.Load(dt, j);
            T gl = grad * l;
            T e = gl * product;
            T.Store(l * product * step, mixing, j);
            T.Store(T.MulAdd(gl, step, T.Load(gradCb, j)), gradCb, j);
            T.Store(T.Load(columnSums, j) + e, columnSums, j);
            return e * step;
        }
    }

    /// <summary>From the gradient of cs to those of dt and A: cs is a running sum of dt A that begins again, with 0, where documents start.</summary>
    private void PutTimeSteps(int start, int head, SsdDecay decay, ReadOnlySpan<float> gradCs, ReadOnlySpan<float> gradDt)
    {
        float gradL = 0f, gradA = 0f;
        Span<float> dt = decay.Dt;
        for (int t = dt.Length - 1; t >= 0; t--)
        {
            gradL = decay.IsStart(t) ? 0f : gradL + gradCs[t];
            gradA += dt[t] * gradL;
            GradDt[(start + t) * Shape.Heads + head] += gradDt[t] + A[head] * gradL;
        }

        GradA[head] += gradA;
    }
}
