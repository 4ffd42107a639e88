namespace SpikeEngine;

public static partial class Ops
{
    private static double[] CausalConv1dInDouble(
        double[] x, double[] weight, double[]? bias, double[]? state, bool silu, Shape shape, ReadOnlyMemory<bool> starts)
    {
        int time = shape[1], channels = shape[2], kernel = weight.Length / channels;
        double[] y = new double[x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            int c = i % channels, t = i / channels % time, batch = i / channels / time;
            double sum = bias?[c] ?? 0;
            for (int k = Math.Max(0, kernel - StepsSinceStart(starts, batch * time, t)); k < kernel; k++)
                sum += weight[c * kernel + k] * InputAt(x, state, batch, t - kernel + 1 + k, c, kernel, shape);
            y[i] = silu ? sum / (1 + Math.Exp(-sum)) : sum;
        }

        return y;
    }

    /// <summary>Steps of the document until time t, that one included; very many when it began before the sequence.</summary>
    private static int StepsSinceStart(ReadOnlyMemory<bool> starts, int sequence, int t)
    {
        for (int back = 0; back <= t && !starts.IsEmpty; back++)
        {
            if (starts.Span[sequence + t - back])
                return back + 1;
        }

        return int.MaxValue;
    }

    private static double[] CausalConv1dStateInDouble(double[] x, double[]? state, int kernel, Shape shape)
    {
        int channels = shape[2];
        double[] last = new double[shape[0] * channels * kernel];
        for (int i = 0; i < last.Length; i++)
            last[i] = InputAt(x, state, i / kernel / channels, shape[1] - kernel + i % kernel, i / kernel % channels, kernel, shape);
        return last;
    }

    /// <summary>An input of the convolution by its time; negative times are in the state, whose last column is time -1.</summary>
    private static double InputAt(double[] x, double[]? state, int batch, int t, int c, int kernel, Shape shape) => t >= 0
        ? x[(batch * shape[1] + t) * shape[2] + c]
        : state?[(batch * shape[2] + c) * kernel + kernel + t] ?? 0;
}
