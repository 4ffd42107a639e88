using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// Two-dimensional convolution (cross-correlation, as everywhere in deep learning), zeros around:
    /// y[n, o, p, q] = bias[o] + Σ_(c, i, j) weight[o, c, i, j] * x[n, g C/groups + c, p s_h - p_h + i d_h, q s_w - p_w + j d_w] with
    /// g the group of output o.
    /// </summary>
    /// <param name="x">[N, C, H, W]</param>
    /// <param name="weight">[O, C / groups, KH, KW]</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="stride">s: one number or (height, width); 1 when null.</param>
    /// <param name="padding">p: zeros on either side; one number or (height, width).</param>
    /// <param name="dilation">d: distance between taps; one number or (height, width); 1 when null.</param>
    /// <param name="groups">Groups of channels that are convolved apart; C of them make a depthwise convolution.</param>
    /// <returns>[N, O, OH, OW] with OH = (H + 2 p_h - d_h (KH - 1) - 1) / s_h + 1, rounded down, and OW likewise.</returns>
    /// <exception cref="ArgumentException">Shapes do not fit each other or the groups, or the window does not fit the padded planes.</exception>
    public static Tensor Conv2d(
        Tensor x, Tensor weight, Tensor? bias = null, Size2d? stride = null, Size2d padding = default, Size2d? dilation = null, int groups = 1)
    {
        Conv2dShape shape = RequireConv2d(x, weight, bias, stride ?? 1, padding, dilation ?? 1, groups);
        using var timing = Profiler.Time(flops: shape.Flops);
        Tensor y = new(x.Shape[0], weight.Shape[0], shape.Window.OutHeight, shape.Window.OutWidth);
        shape = shape with { Window = shape.Window.Simplified() };
        Conv2dPasses.Forward(shape, x, weight, bias, y);
        return Tape.Record(y, [x, weight, bias ?? weight], (shape, x, weight, bias), static (saved, y) =>
        {
            PrepareGrads(y, saved.x, saved.weight, saved.bias);
            Conv2dPasses.Backward(saved.shape, saved.x, saved.weight, saved.bias, y);
        }, inDouble: static (saved, v) => Conv2dInDouble(saved.shape, v[0], v[1], saved.bias is null ? null : v[2]));
    }

    private static Conv2dShape RequireConv2d(
        Tensor x, Tensor weight, Tensor? bias, Size2d stride, Size2d padding, Size2d dilation, int groups)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (x.Shape.Rank != 4 || weight.Shape.Rank != 4)
        {
            throw new ArgumentException(
                $"x is {x.Shape}, weight is {weight.Shape}: x must be [N, C, H, W] and weight [O, C / groups, KH, KW].", nameof(x));
        }

        int channels = x.Shape[1], outputs = weight.Shape[0];
        if (channels < 1 || channels != weight.Shape[1] * (long)groups)
        {
            throw new ArgumentException(
                $"weight is {weight.Shape} in {groups} group(s), x is {x.Shape}: x has {channels} channels, "
                + $"weight wants {weight.Shape[1] * (long)groups}.", nameof(weight));
        }

        if (outputs < 1 || outputs % groups != 0)
            throw new ArgumentException($"weight is {weight.Shape}: its {outputs} outputs cannot be shared by {groups} groups.", nameof(weight));
        if (bias is not null && bias.Count != outputs)
            throw new ArgumentException($"bias is {bias.Shape}, weight is {weight.Shape}: bias must have weight's {outputs} outputs.", nameof(bias));
        Window2d window = RequireWindow(x, (weight.Shape[2], weight.Shape[3]), stride, padding, dilation);
        return new Conv2dShape(x.Shape[0], channels, outputs, groups, window);
    }

    /// <summary>The window over the planes of x, which is [N, C, H, W].</summary>
    private static Window2d RequireWindow(Tensor x, Size2d kernel, Size2d stride, Size2d padding, Size2d dilation)
    {
        if (Math.Min(kernel.Height, kernel.Width) < 1 || Math.Min(stride.Height, stride.Width) < 1 || Math.Min(dilation.Height, dilation.Width) < 1)
            throw new ArgumentException($"kernel {kernel}, stride {stride} and dilation {dilation} must be 1 or more.", nameof(kernel));
        if (Math.Min(padding.Height, padding.Width) < 0)
            throw new ArgumentException($"padding {padding} must not be negative.", nameof(padding));
        Window2d window = new(x.Shape[2], x.Shape[3], kernel, stride, padding, dilation);
        if (window.PlaneLength == 0 || window.OutHeight < 1 || window.OutWidth < 1)
        {
            throw new ArgumentException(
                $"A kernel {kernel} with dilation {dilation} does not fit into x, {x.Shape} with padding {padding}.", nameof(x));
        }

        return window;
    }

    private static double[] Conv2dInDouble(Conv2dShape shape, double[] x, double[] weight, double[]? bias)
    {
        Window2d w = shape.Window;
        double[] y = new double[shape.Batch * shape.Outputs * w.OutCount];
        for (int at = 0; at < y.Length; at++)
        {
            int image = at / w.OutCount / shape.Outputs, output = at / w.OutCount % shape.Outputs, position = at % w.OutCount;
            int first = image * shape.Channels + output / shape.GroupOutputs * shape.GroupChannels;
            y[at] = bias?[output] ?? 0;
            for (int k = 0; k < shape.Depth; k++)
            {
                if (Meets(w, position, k % w.Taps, out int element))
                    y[at] += weight[output * shape.Depth + k] * x[(first + k / w.Taps) * w.PlaneLength + element];
            }
        }

        return y;
    }

    /// <summary>The element of the plane that a tap meets at a position; false in the padding.</summary>
    private static bool Meets(Window2d w, int position, int tap, out int element)
    {
        int row = position / w.OutWidth * w.Stride.Height - w.Padding.Height + tap / w.Kernel.Width * w.Dilation.Height;
        int column = position % w.OutWidth * w.Stride.Width - w.Padding.Width + tap % w.Kernel.Width * w.Dilation.Width;
        element = row * w.Width + column;
        return row >= 0 && row < w.Height && column >= 0 && column < w.Width;
    }
}
