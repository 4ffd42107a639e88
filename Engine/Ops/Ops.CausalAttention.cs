using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// softmax(Q Kᵀ / sqrt(P)) V of every head, where a query sees the keys up to its own place (attention, as in OPT). The map is not kept:
    /// the backward pass computes it again.
    /// </summary>
    /// <param name="q">[B, T, D], the heads' P channels side by side.</param>
    /// <param name="k">[B, T, D]</param>
    /// <param name="v">[B, T, D]</param>
    /// <param name="heads">H; P = D / H.</param>
    /// <param name="starts">[B * T]: true where a document begins, which sees nothing of those before it; empty for nowhere.</param>
    /// <param name="map">[B, H, T, T], filled with the attention's probabilities when given, as numbers that carry no gradient.</param>
    /// <returns>[B, T, D]</returns>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public static Tensor CausalAttention(Tensor q, Tensor k, Tensor v, int heads, ReadOnlyMemory<bool> starts = default, Tensor? map = null)
    {
        AttentionShape shape = AttentionShape.Of(q, k, v, heads, starts, rank: 3);
        if (map is not null)
            Expect(map, nameof(map), shape.Batch, heads, shape.Length, shape.Length);
        float scale = 1f / MathF.Sqrt(shape.HeadDim);
        using var timing = Profiler.Time(flops: shape.Batch * heads * CausalAttentionForward.Flops(shape.Head), op: nameof(CausalAttention));
        Tensor o = Tensor.Like(q);
        Memory<float> logSums = Workspace.Rent(shape.Batch * heads * shape.Length);
        RowParallel.For(shape.Batch * heads, 1, (q, k, v, shape, scale, o, logSums, map), static (s, task, _) =>
        {
            AttentionShape shape = s.shape;
            (int batch, int head) = Math.DivRem(task, shape.Heads);
            Simd.Run(new CausalAttentionForward
            {
                Head = shape.Head, Scale = s.scale, FirstKeys = shape.FirstKeys(batch),
                Q = shape.Part(s.q.Values, batch, head), K = shape.Part(s.k.Values, batch, head), V = shape.Part(s.v.Values, batch, head),
                O = shape.Part(s.o.Values, batch, head), LogSums = s.logSums.Span.Slice(task * shape.Length, shape.Length),
                Map = s.map is null ? [] : s.map.Values.Slice(task * shape.Length * shape.Length, shape.Length * shape.Length),
                Scratch = ThreadScratch.Take(CausalAttentionForward.ScratchLength(shape.Head)),
            });
        }, heavy: true);

        return Tape.Record(
            o, [q, k, v], (q, k, v, shape, scale, logSums, starts), static (s, o) => CausalAttentionGradients(s.q, s.k, s.v, s.shape, s.scale, s.logSums, o),
            inDouble: static (s, x) => CausalAttentionInDouble(x, s.shape, s.scale));
    }

    private static void CausalAttentionGradients(Tensor q, Tensor k, Tensor v, AttentionShape shape, float scale, Memory<float> logSums, Tensor o)
    {
        Memory<float> gradQ = GradOrScratch(q), gradK = GradOrScratch(k), gradV = GradOrScratch(v);
        RowParallel.For(shape.Batch * shape.Heads, 1, (q, k, v, shape, scale, o, logSums, gradQ, gradK, gradV), static (s, task, _) =>
        {
            AttentionShape shape = s.shape;
            (int batch, int head) = Math.DivRem(task, shape.Heads);
            Simd.Run(new CausalAttentionBackward
            {
                Head = shape.Head, Scale = s.scale, FirstKeys = shape.FirstKeys(batch),
                Q = shape.Part(s.q.Values, batch, head), K = shape.Part(s.k.Values, batch, head), V = shape.Part(s.v.Values, batch, head),
                LogSums = s.logSums.Span.Slice(task * shape.Length, shape.Length), GradO = shape.Part(s.o.Grad, batch, head),
                GradQ = shape.Part(s.gradQ.Span, batch, head), GradK = shape.Part(s.gradK.Span, batch, head), GradV = shape.Part(s.gradV.Span, batch, head),
                Scratch = ThreadScratch.Take(CausalAttentionBackward.ScratchLength(shape.Head)),
            });
        }, heavy: true);
        Workspace.GiveBack(logSums);
    }

    private static double[] CausalAttentionInDouble(double[][] x, AttentionShape shape, double scale)
    {
        double[] q = x[0], k = x[1], v = x[2], o = new double[q.Length], p = new double[shape.Length];
        int channels = shape.HeadDim, stride = shape.Width;
        for (int task = 0; task < shape.Batch * shape.Heads; task++)
        {
            (int batch, int head) = Math.DivRem(task, shape.Heads);
            int at = batch * shape.Length * stride + head * channels;
            for (int i = 0; i < shape.Length; i++)
            {
                int first = shape.FirstKeys(batch) is { IsEmpty: false } keys ? keys[i] : 0;
                double sum = 0, largest = double.NegativeInfinity;
                for (int j = first; j <= i; j++)
                {
                    p[j] = scale * Dot(q, at + i * stride, k, at + j * stride, channels);
                    largest = Math.Max(largest, p[j]);
                }

                for (int j = first; j <= i; j++)
                    sum += p[j] = Math.Exp(p[j] - largest);
                for (int j = first; j <= i; j++)
                {
                    for (int c = 0; c < channels; c++)
                        o[at + i * stride + c] += p[j] / sum * v[at + j * stride + c];
                }
            }
        }

        return o;
    }

    private static double Dot(double[] a, int atA, double[] b, int atB, int length)
    {
        double sum = 0;
        for (int i = 0; i < length; i++)
            sum += a[atA + i] * b[atB + i];
        return sum;
    }
}
