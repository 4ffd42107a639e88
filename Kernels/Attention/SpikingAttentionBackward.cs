using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Back through one head of spiking attention:  grad_A = grad_O Vᵀ + grad_rate / T;  through the neuron over its steps (BPTT), and M;
/// grad_Q += grad_S K, grad_K += grad_Sᵀ Q, grad_V += Aᵀ grad_O. Sums and spikes are computed again, a block of queries at a time: the neurons of a
/// pair are coupled along the steps only.
/// </summary>
/// <typeparam name="TSurrogate">The slope of a spike at h - threshold.</typeparam>
public readonly ref struct SpikingAttentionBackward<TSurrogate> : ISimdKernel
    where TSurrogate : struct, ISurrogate
{
    private const int PairArrays = 6;   // sums, spikes, potentials before and after the reset, gradients of spikes and of sums

    /// <summary>Sizes.</summary>
    public required AttentionHead Head { get; init; }

    /// <summary>T: steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Floats from one step to the next of Q, K, V and their gradients.</summary>
    public required int StepStride { get; init; }

    /// <summary>The neuron of the map.</summary>
    public required LifDynamics Neuron { get; init; }

    /// <summary>The slope.</summary>
    public required TSurrogate Surrogate { get; init; }

    /// <summary>[steps, tokens, P]</summary>
    public required ReadOnlySpan<float> Q { get; init; }

    /// <summary>[steps, tokens, P]</summary>
    public required ReadOnlySpan<float> K { get; init; }

    /// <summary>[steps, tokens, P]</summary>
    public required ReadOnlySpan<float> V { get; init; }

    /// <summary>[tokens]: the first key that each query sees; empty for key 0.</summary>
    public ReadOnlySpan<int> FirstKeys { get; init; }

    /// <summary>[steps, tokens, P]</summary>
    public required ReadOnlySpan<float> GradO { get; init; }

    /// <summary>[tokens, tokens]: the gradient of the map's mean over the steps; empty for none.</summary>
    public ReadOnlySpan<float> GradRate { get; init; }

    /// <summary>[steps, tokens, P], added to.</summary>
    public required Span<float> GradQ { get; init; }

    /// <summary>[steps, tokens, P], added to.</summary>
    public required Span<float> GradK { get; init; }

    /// <summary>[steps, tokens, P], added to.</summary>
    public required Span<float> GradV { get; init; }

    /// <summary>Scratch of <see cref="ScratchLength"/> floats.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <summary>Floats of scratch.</summary>
    public static int ScratchLength(AttentionHead head, int steps) => PairArrays * steps * Pairs(head)
        + 2 * steps * PackPanels.Length(head.HeadDim, head.Length) + PackPanels.Length(Math.Max(head.Length, AttentionHead.Block), head.HeadDim);

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Scratch.Length >= ScratchLength(Head, Steps), "scratch is short");
        (int length, int p, int stride) = Head;
        ScratchCutter scratch = new(Scratch);
        int room = Steps * Pairs(Head), packed = PackPanels.Length(p, length);
        Span<float> sums = scratch.Take(room), spikes = scratch.Take(room), after = scratch.Take(room), before = scratch.Take(room);
        Span<float> gradSpikes = scratch.Take(room), gradSums = scratch.Take(room);
        Span<float> keys = scratch.Take(Steps * packed), values = scratch.Take(Steps * packed);
        for (int step = 0; step < Steps; step++)
        {
            SmallMatMul.Pack(K[(step * StepStride)..], stride, true, p, length, keys[(step * packed)..]);
            SmallMatMul.Pack(V[(step * StepStride)..], stride, true, p, length, values[(step * packed)..]);
        }

        for (int first = 0; first < length; first += AttentionHead.Block)
        {
            int end = Math.Min(first + AttentionHead.Block, length), from = AttentionHead.FirstKey(FirstKeys, first, PackPanels.Width);
            int width = end - from, queries = end - first, pairs = queries * width;
            for (int step = 0; step < Steps; step++)
            {
                int at = step * StepStride + first * stride;
                Span<float> gradOfStep = gradSpikes.Slice(step * pairs, pairs);
                SmallMatMul.Multiply(queries, width, p, Q[at..], stride, false, keys[(step * packed + from * p)..], sums[(step * pairs)..], width, false);
                SmallMatMul.Multiply(queries, width, p, GradO[at..], stride, false, values[(step * packed + from * p)..], gradOfStep, width, false);
                AddRate<L>(gradOfStep, first, from, queries, width);
                Mask(sums.Slice(step * pairs, pairs), first, from, queries, width);
            }

            int all = Steps * pairs;
            new LifForward { Neuron = Neuron, X = sums[..all], Start = 0f, Count = pairs, S = spikes[..all], V = after[..all], H = before[..all], From = 0, To = pairs }.Run<L>();
            gradSums[..all].Clear();
            new LifBackward<TSurrogate>
            {
                Neuron = Neuron, Surrogate = Surrogate, S = spikes[..all], H = before[..all], GradS = gradSpikes[..all], GradV = [], GradH = [], GradX = gradSums[..all], Count = pairs, From = 0, To = pairs,
            }.Run<L>();
            for (int step = 0; step < Steps; step++)
            {
                int at = step * StepStride + first * stride, key = step * StepStride + from * stride;
                Span<float> grad = gradSums.Slice(step * pairs, pairs);
                Mask(grad, first, from, queries, width);
                SmallMatMul.Multiply(
                    width, p, queries, spikes[(step * pairs)..], width, true, SmallMatMul.Pack(GradO[at..], stride, false, queries, p, scratch.Rest), GradV[key..], stride, true);
                SmallMatMul.Multiply(width, p, queries, grad, width, true, SmallMatMul.Pack(Q[at..], stride, false, queries, p, scratch.Rest), GradK[key..], stride, true);
                SmallMatMul.Multiply(queries, p, width, grad, width, false, SmallMatMul.Pack(K[key..], stride, false, width, p, scratch.Rest), GradQ[at..], stride, true);
            }
        }
    }

    private static int Pairs(AttentionHead head) => AttentionHead.Block * (head.Length + PackPanels.Width);

    private void AddRate<L>(Span<float> gradSpikes, int first, int from, int queries, int width)
        where L : struct, ILanes<L>
    {
        for (int query = 0; query < queries && !GradRate.IsEmpty; query++)
        {
            new AddScaled
            {
                X = GradRate.Slice((first + query) * Head.Length + from, width), Y = gradSpikes.Slice(query * width, width), Scale = 1f / Steps,
            }.Run<L>();
        }
    }

    /// <summary>Puts what a query does not see to zero.</summary>
    private void Mask(Span<float> pairs, int first, int from, int queries, int width)
    {
        for (int query = 0; query < queries; query++)
        {
            Span<float> row = pairs.Slice(query * width, width);
            row[..(FirstKeys.IsEmpty ? 0 : FirstKeys[first + query] - from)].Clear();
            row[(first + query + 1 - from)..].Clear();
        }
    }
}
