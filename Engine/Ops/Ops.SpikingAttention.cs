using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// Softmax-free spiking attention (BiSpikCLM, SFSA) of every head and step:  A = SN(M ∘ Q Kᵀ), O = A V, with binary Q, K, V and A. The mask M
    /// is 1 where a key is not behind its query, and the neuron keeps a potential for every pair over the steps. No scale, no softmax. Forward on bits;
    /// the backward pass (BPTT) computes sums again and keeps no map.
    /// </summary>
    /// <param name="q">[steps, B, T, D] of 0 and 1, the heads' P channels side by side.</param>
    /// <param name="k">[steps, B, T, D]</param>
    /// <param name="v">[steps, B, T, D]</param>
    /// <param name="heads">H; P = D / H.</param>
    /// <param name="options">The neuron of the map; binary and resting at 0.</param>
    /// <param name="starts">[B * T]: true where a document begins, which sees nothing of those before it; empty for nowhere.</param>
    /// <param name="keepsRate">Whether the map's mean over the steps is wanted, for losses.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, a number is neither 0 nor 1, or the neuron cannot be used.</exception>
    public static SpikingAttentionResult SpikingAttention(
        Tensor q, Tensor k, Tensor v, int heads, LifOptions options, ReadOnlyMemory<bool> starts = default, bool keepsRate = false)
    {
        ArgumentNullException.ThrowIfNull(options);
        AttentionShape shape = AttentionShape.Of(q, k, v, heads, starts, rank: 4);
        if (shape.Length > ushort.MaxValue)
            throw new ArgumentException($"q is {q.Shape}; at most {ushort.MaxValue} tokens are counted.", nameof(q));
        return WithSurrogate<SpikingAttentionCall, SpikingAttentionResult>(options, new SpikingAttentionCall(q, k, v, shape, options, keepsRate));
    }

    /// <summary>
    /// The forward pass on bits alone, to be called again and again: spikes are packed here, once, and the sums stay as bits. What packing and floats beside take is not
    /// in it.
    /// </summary>
    internal static Action SpikingAttentionOnBits(Tensor q, Tensor k, Tensor v, int heads, LifOptions options)
    {
        AttentionShape shape = AttentionShape.Of(q, k, v, heads, starts: default, rank: 4);
        SpikingAttentionHeads attention = new(shape, options.Dynamics(), q, k, v, out _);
        return () => RowParallel.For(shape.Batch * shape.Heads, 1, attention, static (s, task, _) => s.Run(task, o: null), heavy: true);
    }

    private readonly record struct SpikingAttentionCall(Tensor Q, Tensor K, Tensor V, AttentionShape Shape, LifOptions Options, bool KeepsRate)
        : ISurrogateCall<SpikingAttentionResult>
    {
        public SpikingAttentionResult Run<TSurrogate>(TSurrogate surrogate)
            where TSurrogate : struct, ISurrogate => SpikingAttention(Q, K, V, Shape, Options.Dynamics(), surrogate, KeepsRate);
    }

    private static SpikingAttentionResult SpikingAttention<TSurrogate>(
        Tensor q, Tensor k, Tensor v, AttentionShape shape, LifDynamics neuron, TSurrogate surrogate, bool keepsRate)
        where TSurrogate : struct, ISurrogate
    {
        int steps = q.Shape[0];
        using var timing = Profiler.Time(op: nameof(SpikingAttention));
        Tensor o = Tensor.Like(q);
        Tensor? rate = keepsRate ? new Tensor(shape.Batch, shape.Heads, shape.Length, shape.Length) { IsPassedOnLater = true } : null;
        long[] spikes = [0];
        SpikingAttentionHeads attention = new(shape, neuron, q, k, v, out Workspace.Mark mark);
        RowParallel.For(shape.Batch * shape.Heads, 1, (attention, o, rate, spikes), static (s, task, _) =>
            Interlocked.Add(ref s.spikes[0], s.attention.Run(task, s.o, s.rate)), heavy: true);
        mark.Release();

        Tape.Record(
            o, [q, k, v], (q, k, v, shape, neuron, surrogate, rate), static (s, o) => SpikingAttentionGradients(s.q, s.k, s.v, s.shape, s.neuron, s.surrogate, s.rate, o),
            inDouble: static (s, x) => SpikingAttentionInDouble(x, s.shape, s.q.Shape[0], (sums, pairs) => LifInDouble(sums, s.neuron, 0, pairs).S).O,
            surrogate: static (s, x) => SpikingAttentionSurrogateInDouble(x, s.q, s.k, s.shape, s.neuron, s.surrogate).O);
        if (rate is not null)
        {
            // One backward serves both results, and it is that of o: a gradient of the rate alone must wake it.
            Tape.Record(
                rate, [q, k, v], (o, q, k, shape, neuron, surrogate), static (s, _) => ZeroUnlessSet(s.o),
                inDouble: static (s, x) => SpikingAttentionInDouble(x, s.shape, s.q.Shape[0], (sums, pairs) => LifInDouble(sums, s.neuron, 0, pairs).S).Rate,
                surrogate: static (s, x) => SpikingAttentionSurrogateInDouble(x, s.q, s.k, s.shape, s.neuron, s.surrogate).Rate);
        }

        return new SpikingAttentionResult(o, rate, spikes[0], steps * shape.Pairs);
    }

    private static void SpikingAttentionGradients<TSurrogate>(
        Tensor q, Tensor k, Tensor v, AttentionShape shape, LifDynamics neuron, TSurrogate surrogate, Tensor? rate, Tensor o)
        where TSurrogate : struct, ISurrogate
    {
        Memory<float> gradQ = GradOrScratch(q), gradK = GradOrScratch(k), gradV = GradOrScratch(v);
        PrepareGrads(o);
        RowParallel.For(shape.Batch * shape.Heads, 1, (q, k, v, shape, neuron, surrogate, rate, o, gradQ, gradK, gradV), static (s, task, _) =>
        {
            AttentionShape shape = s.shape;
            (int batch, int head) = Math.DivRem(task, shape.Heads);
            int steps = s.q.Shape[0], map = shape.Length * shape.Length;
            Simd.Run(new SpikingAttentionBackward<TSurrogate>
            {
                Head = shape.Head, Steps = steps, StepStride = s.q.Count / steps, Neuron = s.neuron, Surrogate = s.surrogate, FirstKeys = shape.FirstKeys(batch),
                Q = shape.Part(s.q.Values, batch, head), K = shape.Part(s.k.Values, batch, head), V = shape.Part(s.v.Values, batch, head),
                GradO = shape.Part(s.o.Grad, batch, head), GradRate = s.rate is { HasGrad: true } ? s.rate.Grad.Slice(task * map, map) : [],
                GradQ = shape.Part(s.gradQ.Span, batch, head), GradK = shape.Part(s.gradK.Span, batch, head), GradV = shape.Part(s.gradV.Span, batch, head),
                Scratch = ThreadScratch.Take(SpikingAttentionBackward<TSurrogate>.ScratchLength(shape.Head, steps)),
            });
        }, heavy: true);
        rate?.GiveGradBack();
    }

    /// <summary>The same, pair by pair; the neurons of all pairs of a head are given as one function.</summary>
    private static (double[] O, double[] Rate) SpikingAttentionInDouble(double[][] x, AttentionShape shape, int steps, Func<double[], int, double[]> neurons)
    {
        double[] o = new double[x[0].Length], rate = new double[shape.Batch * shape.Heads * shape.Length * shape.Length];
        int length = shape.Length, pairs = length * length, stride = shape.Width, step = x[0].Length / steps;
        for (int task = 0; task < shape.Batch * shape.Heads; task++)
        {
            double[] map = neurons(SpikingSums(x[0], x[1], shape, steps, task), pairs);
            (int batch, int head) = Math.DivRem(task, shape.Heads);
            int at = batch * length * stride + head * shape.HeadDim;
            for (int t = 0; t < steps; t++)
            {
                for (int pair = 0; pair < pairs; pair++)
                {
                    (int query, int key) = Math.DivRem(pair, length);
                    if (!IsSeen(shape, batch, query, key))
                        continue;
                    double spike = map[t * pairs + pair];
                    rate[task * pairs + pair] += spike / steps;
                    for (int c = 0; c < shape.HeadDim; c++)
                        o[t * step + at + query * stride + c] += spike * x[2][t * step + at + key * stride + c];
                }
            }
        }

        return (o, rate);
    }

    private static (double[] O, double[] Rate) SpikingAttentionSurrogateInDouble<TSurrogate>(
        double[][] x, Tensor q, Tensor k, AttentionShape shape, LifDynamics neuron, TSurrogate surrogate)
        where TSurrogate : struct, ISurrogate
    {
        int task = 0, steps = q.Shape[0];
        double[] recordedQ = Array.ConvertAll(q.ToArray(), value => (double)value), recordedK = Array.ConvertAll(k.ToArray(), value => (double)value);
        return SpikingAttentionInDouble(x, shape, steps, (sums, pairs) =>
        {
            double[] charges = LifInDouble(SpikingSums(recordedQ, recordedK, shape, steps, task++), neuron, 0, pairs).H;
            Tensor recorded = new(new Shape(charges.Length), Array.ConvertAll(charges, value => (float)value));
            return LifSurrogateInDouble(sums, recorded, neuron, surrogate, 0, pairs).S;
        });
    }

    /// <summary>M ∘ Q Kᵀ of one head, [steps, T, T].</summary>
    private static double[] SpikingSums(double[] q, double[] k, AttentionShape shape, int steps, int task)
    {
        (int batch, int head) = Math.DivRem(task, shape.Heads);
        int length = shape.Length, stride = shape.Width, step = q.Length / steps, at = batch * length * stride + head * shape.HeadDim;
        double[] sums = new double[steps * length * length];
        for (int i = 0; i < sums.Length; i++)
        {
            int t = i / (length * length), query = i / length % length, key = i % length;
            if (IsSeen(shape, batch, query, key))
                sums[i] = Dot(q, t * step + at + query * stride, k, t * step + at + key * stride, shape.HeadDim);
        }

        return sums;
    }

    private static bool IsSeen(AttentionShape shape, int batch, int query, int key) =>
        key <= query && (shape.FirstKeys(batch).IsEmpty || key >= shape.FirstKeys(batch)[query]);
}
