using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Reference;

/// <summary>The operations as their formulas say, in double, on flat arrays: slow and plain.</summary>
public static class NaiveOps
{
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public static double Silu(double x) => x * Sigmoid(x);

    public static double Softplus(double x) => x > 20 ? x : Math.Log(1 + Math.Exp(x));

    public static double[] RmsNorm(double[] x, double[] weight, double eps) => PerGroup(x, weight.Length, weight.Length, (group, start) =>
    {
        double rstd = 1 / Math.Sqrt(group.Sum(v => v * v) / group.Length + eps);
        return [.. group.Select((v, i) => v * rstd * weight[i])];
    });

    public static double[] GatedRmsNorm(double[] y, double[] z, double[] weight, int size, double eps, bool normBeforeGate)
    {
        double[] gate = Array.ConvertAll(z, Silu);
        double[] v = normBeforeGate ? y : [.. y.Select((a, i) => a * gate[i])];
        double[] normed = PerGroup(v, weight.Length, size, (group, start) =>
        {
            double rstd = 1 / Math.Sqrt(group.Sum(a => a * a) / size + eps);
            return [.. group.Select((a, i) => a * rstd * weight[start + i])];
        });
        return normBeforeGate ? [.. normed.Select((a, i) => a * gate[i])] : normed;
    }

    public static double[] CausalConv1d(
        double[] x, double[] weight, double[]? bias, double[]? state, bool silu, int batches, int time, int channels, int kernel)
    {
        double[] y = new double[x.Length];
        for (int b = 0; b < batches; b++)
        {
            for (int t = 0; t < time; t++)
            {
                for (int c = 0; c < channels; c++)
                {
                    double sum = bias?[c] ?? 0;
                    for (int k = 0; k < kernel; k++)
                        sum += weight[c * kernel + k] * Before(x, state, b, t - kernel + 1 + k, c, time, channels, kernel);
                    y[(b * time + t) * channels + c] = silu ? Silu(sum) : sum;
                }
            }
        }

        return y;
    }

    public static double[] CausalConv1dState(double[] x, double[]? state, int batches, int time, int channels, int kernel) =>
        [.. from b in Enumerable.Range(0, batches)
            from c in Enumerable.Range(0, channels)
            from k in Enumerable.Range(0, kernel)
            select Before(x, state, b, time - kernel + k, c, time, channels, kernel)];

    public static double[] TimeStep(double[] raw, double[] bias, double low, double high) =>
        [.. raw.Select((v, i) => Math.Clamp(Softplus(v + bias[i % bias.Length]), low, high))];

    /// <summary>The selective scan as the recurrence it is, token by token: y [B, T, Inner] and then the final state [B, H, N, P].</summary>
    public static double[] Ssd(double[] xbc, double[] dt, double[] a, double[] d, double[]? initialState, SsdShape shape)
    {
        int heads = shape.Heads, p = shape.HeadDim, n = shape.State;
        double[] y = new double[shape.Batch * shape.Length * shape.Inner];
        double[] state = initialState?.ToArray() ?? new double[shape.Batch * heads * n * p];
        for (int row = 0; row < shape.Batch * shape.Length; row++)
        {
            int batch = row / shape.Length, token = row * shape.RowLength;
            for (int h = 0; h < heads; h++)
            {
                int group = h / shape.HeadsPerGroup, b = token + shape.Inner + group * n, c = b + shape.Groups * n;
                double step = dt[row * heads + h], decay = Math.Exp(step * a[h]);
                for (int i = 0; i < p; i++)
                {
                    double x = xbc[token + h * p + i], sum = d[h] * x;
                    for (int k = 0; k < n; k++)
                    {
                        ref double s = ref state[((batch * heads + h) * n + k) * p + i];
                        s = decay * s + step * xbc[b + k] * x;
                        sum += xbc[c + k] * s;
                    }

                    y[row * shape.Inner + h * p + i] = sum;
                }
            }
        }

        return [.. y, .. state];
    }

    public static double[] LogSoftmax(double[] x)
    {
        double largest = x.Max();
        double logZ = largest + Math.Log(x.Sum(v => Math.Exp(v - largest)));
        return Array.ConvertAll(x, v => v - logZ);
    }

    public static double[] CrossEntropy(double[] logits, int[] labels, double smoothing)
    {
        int vocabulary = logits.Length / labels.Length;
        return [.. labels.Select((label, row) =>
        {
            double[] lnP = LogSoftmax(logits[(row * vocabulary)..((row + 1) * vocabulary)]);
            return label < 0 ? 0 : -(1 - smoothing) * lnP[label] - smoothing * lnP.Average();
        })];
    }

    public static double[] KLDivergence(double[] student, double[] teacher, int vocabulary, double temperature, bool reverse)
    {
        return [.. Enumerable.Range(0, student.Length / vocabulary).Select(row =>
        {
            double[] lnQ = LogSoftmax([.. student.Skip(row * vocabulary).Take(vocabulary).Select(v => v / temperature)]);
            double[] lnP = LogSoftmax([.. teacher.Skip(row * vocabulary).Take(vocabulary).Select(v => v / temperature)]);
            (double[] a, double[] b) = reverse ? (lnQ, lnP) : (lnP, lnQ);
            return temperature * temperature * a.Select((lnA, i) => Math.Exp(lnA) * (lnA - b[i])).Sum();
        })];
    }

    public static double[] HiddenLoss(double[] student, double[] teacher, int dim)
    {
        return [.. Enumerable.Range(0, student.Length / dim).Select(row =>
        {
            double[] p = LogSoftmax(student[(row * dim)..((row + 1) * dim)]), q = LogSoftmax(teacher[(row * dim)..((row + 1) * dim)]);
            return 0.5 * p.Select((v, i) => Math.Pow(Math.Exp(v) - Math.Exp(q[i]), 2)).Sum();
        })];
    }

    /// <summary>An input by its time; negative times are in the state, whose last column is time -1.</summary>
    private static double Before(double[] x, double[]? state, int b, int t, int c, int time, int channels, int kernel) =>
        t >= 0 ? x[(b * time + t) * channels + c] : state?[(b * channels + c) * kernel + kernel + t] ?? 0;

    private static double[] PerGroup(double[] x, int dim, int size, Func<double[], int, double[]> normalise) =>
        [.. Enumerable.Range(0, x.Length / size).SelectMany(g => normalise(x[(g * size)..((g + 1) * size)], g * size % dim))];
}
