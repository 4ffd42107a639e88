using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// The share of the inputs of an integer neuron that spike: |x / V_th| > 1/2, exactly. Backward it has a triangle of area 1 around
    /// each of the two edges, so that fewer can be asked for: of x, and of the threshold.
    /// </summary>
    /// <param name="x">What comes to the neuron, any shape.</param>
    /// <param name="threshold">V_th [1], positive.</param>
    /// <param name="hasSign">Whether the neuron has counts below 0 (TI-LIF); without (I-LIF) only x / V_th > 1/2 counts.</param>
    /// <returns>[1], from 0 to 1.</returns>
    /// <exception cref="ArgumentException">The threshold is not one positive number, or x is empty.</exception>
    public static Tensor SpikeActivity(Tensor x, Tensor threshold, bool hasSign = true)
    {
        ArgumentNullException.ThrowIfNull(x);
        float value = ThresholdOf(threshold);
        if (x.Count == 0)
            throw new ArgumentException($"x is {x.Shape}; a share of nothing is no number.", nameof(x));

        using var timing = Profiler.Time();
        Tensor share = new(new Shape(1));
        share.Values.Clear();
        RowParallel.ForWithSum(x.Count, PieceFloats, share.Values, (x, value, hasSign), static (s, start, end, count) => Simd.Run(new SpikeActivityForward
        {
            X = s.x.Values[start..end], Threshold = s.value, HasSign = s.hasSign, Count = count,
        }));
        share.Values[0] /= x.Count;

        return Tape.Record(share, [x, threshold], (x, threshold, value, hasSign), static (saved, share) =>
        {
            PrepareGrads(saved.x);
            Span<float> gradThreshold = saved.threshold.NeedsGrad ? saved.threshold.Grad : default;
            float factor = share.Grad[0] / saved.x.Count;
            RowParallel.ForWithSum(saved.x.Count, PieceFloats, gradThreshold, (saved, factor), static (s, start, end, sum) => Simd.Run(new SpikeActivityBackward
            {
                X = s.saved.x.Values[start..end], Threshold = s.saved.value, HasSign = s.saved.hasSign, Factor = s.factor,
                GradX = s.saved.x.NeedsGrad ? s.saved.x.Grad[start..end] : default, GradThreshold = sum,
            }));
        }, inDouble: static (saved, v) => [v[0].Count(x => (saved.hasSign ? Math.Abs(x / v[1][0]) : x / v[1][0]) > 0.5) / (double)v[0].Length],
        surrogate: static (saved, v) =>
        {
            TriangularSurrogate edge = new(2f);
            double sum = 0;
            for (int i = 0; i < v[0].Length; i++)
            {
                double recorded = Size(saved.x.Values[i] / (double)saved.value), now = Size(v[0][i] / v[1][0]);
                sum += (recorded > 0.5 ? 1 : 0) + edge.Primitive(now - 0.5) - edge.Primitive(recorded - 0.5);
            }

            return [sum / v[0].Length];

            double Size(double u) => saved.hasSign ? Math.Abs(u) : u;
        });
    }
}
