using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = (x - mean) * rstd * weight + bias,  rstd = 1 / sqrt(var + eps), for each channel (Ioffe and Szegedy 2015). In training,
    /// mean and biased variance are those of the batch, the gradient flows through them, and the running statistics move:
    /// running = (1 - momentum) * running + momentum * (the batch's mean, or its unbiased variance). Otherwise mean and variance are
    /// the running ones, and constants.
    /// </summary>
    /// <param name="x">[N, C, H, W]</param>
    /// <param name="weight">[C], or null for ones.</param>
    /// <param name="bias">[C], or null for zeros.</param>
    /// <param name="runningMean">[C]; changed in training, with or without a tape.</param>
    /// <param name="runningVar">[C]; changed in training, with or without a tape.</param>
    /// <param name="training">Whether the batch's own statistics are used.</param>
    /// <param name="momentum">Share of the batch in the running statistics.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <returns>[N, C, H, W]</returns>
    /// <exception cref="ArgumentException">A shape does not fit, or a channel has only one element in training: it has no variance.</exception>
    public static Tensor BatchNorm2d(
        Tensor x, Tensor? weight, Tensor? bias, Tensor runningMean, Tensor runningVar, bool training, float momentum = 0.1f, float eps = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(runningMean);
        ArgumentNullException.ThrowIfNull(runningVar);
        if (x.Shape.Rank != 4)
            throw new ArgumentException($"x is {x.Shape}; it must be [N, C, H, W].", nameof(x));
        int channels = x.Shape[1], plane = x.Shape[2] * x.Shape[3], count = x.Shape[0] * plane;
        RequireChannels(weight, nameof(weight), x);
        RequireChannels(bias, nameof(bias), x);
        RequireChannels(runningMean, nameof(runningMean), x);
        RequireChannels(runningVar, nameof(runningVar), x);
        if (training && count < 2)
            throw new ArgumentException($"x is {x.Shape}: in training every channel must have 2 elements or more.", nameof(x));

        using var timing = Profiler.Time();
        Tensor y = Tensor.Like(x), mean = new(channels), rstd = new(channels);
        if (training)
        {
            RowParallel.For(channels, Grain(count), (x, plane, mean, rstd), static (s, start, end) => Simd.Run(new ChannelMoments
            {
                X = s.x, Plane = s.plane, Start = start, End = end, Mean = s.mean, Variance = s.rstd,
            }));
            Move(runningMean.Values, mean.Values, momentum, 1f);
            Move(runningVar.Values, rstd.Values, momentum, (float)count / (count - 1));
        }
        else
        {
            runningMean.Values.CopyTo(mean.Values);
            runningVar.Values.CopyTo(rstd.Values);
        }

        foreach (ref float value in rstd.Values)
            value = 1f / MathF.Sqrt(value + eps);
        RowParallel.For(channels, Grain(count), (x, plane, mean, rstd, weight, bias, y), static (s, start, end) => Simd.Run(new BatchNormForward
        {
            X = s.x, Plane = s.plane, Start = start, End = end, Mean = s.mean, Rstd = s.rstd,
            Weight = s.weight is null ? [] : s.weight.Values,
            Bias = s.bias is null ? [] : s.bias.Values,
            Y = s.y,
        }));

        return Tape.Record(y, [x, weight ?? x, bias ?? x], (x, weight, bias, mean, rstd, training, eps), static (saved, y) =>
        {
            PrepareGrads(saved.x, saved.weight, saved.bias);
            int channels = saved.mean.Count;
            RowParallel.For(channels, Grain(saved.x.Count / Math.Max(1, channels)), (saved, y), static (s, start, end) => Simd.Run(new BatchNormBackward
            {
                GradY = s.y.Grad,
                X = s.saved.x,
                Plane = s.y.Shape[2] * s.y.Shape[3],
                Start = start,
                End = end,
                Mean = s.saved.mean,
                Rstd = s.saved.rstd,
                Weight = s.saved.weight is null ? [] : s.saved.weight.Values,
                ConstantMoments = !s.saved.training,
                GradX = s.saved.x.Grad,
                GradWeight = s.saved.weight is null ? [] : s.saved.weight.Grad,
                GradBias = s.saved.bias is null ? [] : s.saved.bias.Grad,
            }));
        }, inDouble: static (saved, v) =>
        {
            int channels = saved.mean.Count, plane = saved.x.Shape[2] * saved.x.Shape[3];
            double[] y = new double[v[0].Length];
            for (int c = 0; c < channels; c++)
            {
                int[] elements = [.. Enumerable.Range(0, y.Length).Where(i => i / plane % channels == c)];
                double mean = saved.training ? elements.Average(i => v[0][i]) : saved.mean.Values[c];
                double rstd = saved.training
                    ? 1 / Math.Sqrt(elements.Average(i => (v[0][i] - mean) * (v[0][i] - mean)) + saved.eps)
                    : saved.rstd.Values[c];
                foreach (int i in elements)
                    y[i] = (v[0][i] - mean) * rstd * (saved.weight is null ? 1 : v[1][c]) + (saved.bias is null ? 0 : v[2][c]);
            }

            return y;
        });
    }

    private static void RequireChannels(Tensor? vector, string name, Tensor x)
    {
        if (vector is not null)
            RequireLength(vector, name, x.Shape[1], x, nameof(x));
    }

    /// <summary>running = (1 - momentum) * running + momentum * scale * batch</summary>
    private static void Move(Span<float> running, ReadOnlySpan<float> batch, float momentum, float scale)
    {
        for (int i = 0; i < running.Length; i++)
            running[i] = (1f - momentum) * running[i] + momentum * scale * batch[i];
    }
}
