using System.Runtime.CompilerServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
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
        IntegerLif(x, -levels, levels, threshold, alpha, compensation);

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
        IntegerLif(x, 0, levels, threshold, alpha, 0f);

    private static Tensor IntegerLif(
        Tensor x, int lowest, int highest, float threshold, float alpha, float compensation, [CallerMemberName] string op = "")
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(highest, 1, "levels");
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

        return Tape.Record(s, [x], (x, lowest, highest, threshold, alpha, compensation), static (saved, s) =>
        {
            bool isFirst = ClearsInParts(saved.x);
            RowParallel.For(s.Count, PieceFloats, (saved, s, isFirst), static (a, start, end) => Simd.Run(new TiLifBackward
            {
                GradS = a.s.Grad[start..end],
                X = a.saved.x.Values[start..end],
                Threshold = a.saved.threshold,
                Lowest = a.saved.lowest,
                Highest = a.saved.highest,
                Alpha = a.saved.alpha,
                Compensation = a.saved.compensation,
                GradX = a.saved.x.GradPart(start, end, a.isFirst),
            }));
        }, inDouble: static (saved, v) => Array.ConvertAll(v[0], x => Fire(x / saved.threshold, saved.lowest, saved.highest)),
        surrogate: static (saved, v) =>
        {
            // The spike where the pass was recorded, and from there on the function whose slope the neuron declares.
            double[] y = new double[v[0].Length];
            for (int i = 0; i < y.Length; i++)
            {
                double u = v[0][i] / saved.threshold, recorded = (double)saved.x.Values[i] / saved.threshold;
                y[i] = Fire(recorded, saved.lowest, saved.highest) + Primitive(u) - Primitive(recorded);
            }

            return y;

            double Primitive(double u) =>
                saved.alpha * Math.Clamp(u, saved.lowest, saved.highest) + saved.compensation * saved.highest * Math.Tanh(u);
        }, op: op);
    }

    private static double Fire(double u, int lowest, int highest) => Math.Clamp(Math.Round(u), lowest, highest);
}
