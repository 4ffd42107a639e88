using System.Runtime.CompilerServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    // Sharpness of each surrogate, as spiking libraries usually have it.
    private const float ArctanAlpha = 2f, SigmoidAlpha = 4f, TriangularAlpha = 1f;

    /// <summary>
    /// The ternary-integer LIF neuron (TI-LIF, in the journal version signed-integer SI-LIF; SpikingMamba, arXiv 2510.04595):
    /// s = clamp(round_half_even(x / V_th), -D, D);  ds/dx = alpha / V_th where |x / V_th| &lt;= D, else 0;
    /// plus λ D (1 - tanh²(x / V_th)) / V_th for the value-preserving form of smoothed gradient compensation.
    /// </summary>
    /// <param name="x">The membrane potential, any shape.</param>
    /// <param name="levels">D: spikes are whole numbers from -D to D.</param>
    /// <param name="threshold">V_th</param>
    /// <param name="alpha">Slope of the rectangular surrogate.</param>
    /// <param name="compensation">λ; 0 for none. It changes the gradient only, never s.</param>
    /// <returns>Spike counts with a sign, in the shape of x.</returns>
    public static Tensor TiLif(Tensor x, int levels = 4, float threshold = 1f, float alpha = 1f, float compensation = 0f) =>
        IntegerLif(x, null, threshold, -levels, levels, new SpikeGradient { Alpha = alpha, Compensation = compensation });

    /// <summary>The same with any surrogate, and with a threshold that learns if it is a parameter.</summary>
    /// <param name="x">The membrane potential, any shape.</param>
    /// <param name="threshold">V_th [1], positive.</param>
    /// <param name="levels">D.</param>
    /// <param name="gradient">The slope in the backward pass.</param>
    /// <returns>Spike counts with a sign, in the shape of x.</returns>
    /// <exception cref="ArgumentException">The threshold is not one positive number.</exception>
    public static Tensor TiLif(Tensor x, Tensor threshold, int levels, SpikeGradient gradient) =>
        IntegerLif(x, threshold, ThresholdOf(threshold), -levels, levels, gradient);

    /// <summary>
    /// The integer LIF neuron (I-LIF; SpikeYOLO, Luo et al. 2024):  s = clamp(round_half_even(x / V_th), 0, D);
    /// ds/dx = alpha / V_th where 0 &lt;= x / V_th &lt;= D, else 0.
    /// </summary>
    /// <param name="x">The membrane potential, any shape.</param>
    /// <param name="levels">D: spikes are whole numbers from 0 to D.</param>
    /// <param name="threshold">V_th</param>
    /// <param name="alpha">Slope of the rectangular surrogate.</param>
    /// <returns>Spike counts, in the shape of x.</returns>
    public static Tensor ILif(Tensor x, int levels = 4, float threshold = 1f, float alpha = 1f) =>
        IntegerLif(x, null, threshold, 0, levels, new SpikeGradient { Alpha = alpha });

    /// <summary>The same with any surrogate, and with a threshold that learns if it is a parameter.</summary>
    /// <param name="x">The membrane potential, any shape.</param>
    /// <param name="threshold">V_th [1], positive.</param>
    /// <param name="levels">D.</param>
    /// <param name="gradient">The slope in the backward pass.</param>
    /// <returns>Spike counts, in the shape of x.</returns>
    /// <exception cref="ArgumentException">The threshold is not one positive number.</exception>
    public static Tensor ILif(Tensor x, Tensor threshold, int levels, SpikeGradient gradient) =>
        IntegerLif(x, threshold, ThresholdOf(threshold), 0, levels, gradient);

    private static float ThresholdOf(Tensor threshold)
    {
        ArgumentNullException.ThrowIfNull(threshold);
        if (threshold.Count != 1)
            throw new ArgumentException($"The threshold is {threshold.Shape}, not one number.", nameof(threshold));
        return threshold.Values[0] > 0f && float.IsFinite(threshold.Values[0])
            ? threshold.Values[0]
            : throw new ArgumentException($"The threshold {(threshold as Parameter)?.Path} is {threshold.Values[0]}, not a positive number.", nameof(threshold));
    }

    private static Tensor IntegerLif(
        Tensor x, Tensor? threshold, float value, int lowest, int highest, SpikeGradient gradient, [CallerMemberName] string op = "")
    {
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentOutOfRangeException.ThrowIfLessThan(highest, 1, "levels");
        float alpha = gradient.Alpha;
        return gradient.Surrogate switch
        {
            Surrogate.Rectangular => Compensated(new WindowSlope(lowest, highest, alpha)),
            Surrogate.Arctan => Compensated(new StaircaseSlope<ArctanSurrogate>(lowest, highest, alpha, new(ArctanAlpha))),
            Surrogate.Sigmoid => Compensated(new StaircaseSlope<SigmoidSurrogate>(lowest, highest, alpha, new(SigmoidAlpha))),
            Surrogate.Triangular => Compensated(new StaircaseSlope<TriangularSurrogate>(lowest, highest, alpha, new(TriangularAlpha))),
            _ => throw new ArgumentOutOfRangeException(nameof(gradient), gradient.Surrogate, "There is no such surrogate."),
        };

        Tensor Compensated<TSlope>(TSlope slope)
            where TSlope : struct, ISpikeSlope
        {
            if (gradient.Compensation == 0f)
                return IntegerLif(x, threshold, value, lowest, highest, slope, op);
            return gradient.CompensationForm == SlopeCompensation.Smooth
                ? IntegerLif(x, threshold, value, lowest, highest, new CompensatedSlope<TSlope>(slope, gradient.Compensation, highest, gradient.CompensationWidth), op)
                : IntegerLif(x, threshold, value, lowest, highest, new ZonesSlope<TSlope>(slope, gradient.Compensation, lowest, highest), op);
        }
    }

    private static Tensor IntegerLif<TSlope>(Tensor x, Tensor? thresholdTensor, float threshold, int lowest, int highest, TSlope slope, string op)
        where TSlope : struct, ISpikeSlope
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threshold);

        using var timing = Profiler.Time(op: op);
        Tensor s = Tensor.Like(x);
        RowParallel.For(x.Count, PieceFloats, (x, lowest, highest, threshold, s), static (a, start, end) => Simd.Run(new TiLifForward
        {
            X = a.x.Values[start..end],
            Threshold = a.threshold,
            Lowest = a.lowest,
            Highest = a.highest,
            S = a.s.Values[start..end],
        }));

        return Tape.Record(s, thresholdTensor is null ? [x] : [x, thresholdTensor], (x, thresholdTensor, threshold, lowest, highest, slope), static (saved, s) =>
        {
            if (saved.x.NeedsGrad)
            {
                bool isFirst = ClearsInParts(saved.x);
                RowParallel.For(s.Count, PieceFloats, (saved, s, isFirst), static (a, start, end) => Simd.Run(new TiLifBackward<TSlope>
                {
                    GradS = a.s.Grad[start..end],
                    X = a.saved.x.Values[start..end],
                    Threshold = a.saved.threshold,
                    Slope = a.saved.slope,
                    GradX = a.saved.x.GradPart(start, end, a.isFirst),
                }));
            }

            if (saved.thresholdTensor is not { NeedsGrad: true } learned)
                return;
            RowParallel.ForWithSum(s.Count, PieceFloats, learned.Grad, (saved, s), static (a, start, end, sum) => Simd.Run(new TiLifThresholdGradient<TSlope>
            {
                GradS = a.s.Grad[start..end],
                X = a.saved.x.Values[start..end],
                Threshold = a.saved.threshold,
                Slope = a.saved.slope,
                GradThreshold = sum,
            }));
        }, inDouble: static (saved, v) =>
        {
            double threshold = v.Length > 1 ? v[1][0] : saved.threshold;
            return Array.ConvertAll(v[0], x => Fire(x / threshold, saved.lowest, saved.highest));
        },
        surrogate: static (saved, v) =>
        {
            // The spike where the pass was recorded, and from there on the function whose slope the neuron declares.
            double threshold = v.Length > 1 ? v[1][0] : saved.threshold;
            double[] y = new double[v[0].Length];
            for (int i = 0; i < y.Length; i++)
            {
                double recorded = (double)saved.x.Values[i] / saved.threshold;
                y[i] = Fire(recorded, saved.lowest, saved.highest) + saved.slope.Primitive(v[0][i] / threshold) - saved.slope.Primitive(recorded);
            }

            return y;
        }, op: op);
    }

    private static double Fire(double u, int lowest, int highest) => Math.Clamp(Math.Round(u), lowest, highest);
}
