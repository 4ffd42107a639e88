using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>Spikes, potentials after the reset and potentials before it.</summary>
    private static (double[] S, double[] V, double[] H) LifInDouble(double[] x, LifDynamics neuron, double start, int count)
    {
        double[] s = new double[x.Length], v = new double[x.Length], h = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            h[i] = Charge(neuron, i < count ? start : v[i - count], x[i]);
            s[i] = FireOf(neuron, h[i]);
            v[i] = After(neuron, h[i], s[i]);
        }

        return (s, v, h);
    }

    /// <summary>Each spike where the pass was recorded, and from there on the function whose slope the neuron declares; resets see it as gradients do.</summary>
    private static (double[] S, double[] V, double[] H) LifSurrogateInDouble<TSurrogate>(
        double[] x, Tensor charges, LifDynamics neuron, TSurrogate surrogate, double start, int count)
        where TSurrogate : struct, ISurrogate
    {
        double[] s = new double[x.Length], v = new double[x.Length], h = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double recorded = charges.Values[i], fired = FireOf(neuron, recorded);
            h[i] = Charge(neuron, i < count ? start : v[i - count], x[i]);
            s[i] = fired + surrogate.Primitive(h[i] - neuron.Threshold) - surrogate.Primitive(recorded - neuron.Threshold);
            v[i] = After(neuron, h[i], neuron.Detached ? fired : s[i]);
        }

        return (s, v, h);
    }

    private static double[] LifCountInDouble(double[] x, int steps, LifDynamics neuron) => Array.ConvertAll(x, input =>
    {
        double v = 0, sum = 0;
        for (int step = 0; step < steps; step++)
        {
            double h = Charge(neuron, v, input), s = FireOf(neuron, h);
            v = After(neuron, h, s);
            sum += s;
        }

        return sum;
    });

    private static double[] LifCountSurrogateInDouble<TSurrogate>(double[] x, Tensor recordedX, int steps, LifDynamics neuron, TSurrogate surrogate)
        where TSurrogate : struct, ISurrogate
    {
        double[] sums = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double recordedV = 0, v = 0;
            for (int step = 0; step < steps; step++)
            {
                double recorded = Charge(neuron, recordedV, recordedX.Values[i]), fired = FireOf(neuron, recorded), h = Charge(neuron, v, x[i]);
                double s = fired + surrogate.Primitive(h - neuron.Threshold) - surrogate.Primitive(recorded - neuron.Threshold);
                recordedV = After(neuron, recorded, fired);
                v = After(neuron, h, neuron.Detached ? fired : s);
                sums[i] += s;
            }
        }

        return sums;
    }

    private static double Charge(LifDynamics n, double v, double x) => n.Keep * v + n.Input * x + n.Shift;

    private static double FireOf(LifDynamics n, double h) => n.Levels == 0f ? (h >= n.Threshold ? 1 : 0) : Math.Clamp(Math.Round(h / n.Threshold), 0, n.Levels);

    private static double After(LifDynamics n, double h, double s) => n.Hard ? (1 - s) * h + s * n.Reset : h - s * n.Reset;
}
