using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = the largest element in each position of the window; the padding is -∞ and not-a-number wins. The gradient goes to the
    /// first largest element, row by row.
    /// </summary>
    /// <param name="x">[N, C, H, W]</param>
    /// <param name="kernel">Size of the window: one number or (height, width).</param>
    /// <param name="stride">Step of the window; its size when null.</param>
    /// <param name="padding">On either side, at most half of the window.</param>
    /// <returns>[N, C, OH, OW] with OH = (H + 2 padding - kernel) / stride + 1, rounded down, and OW likewise.</returns>
    /// <exception cref="ArgumentException">The window does not fit, or the padding is more than half of it.</exception>
    public static Tensor MaxPool2d(Tensor x, Size2d kernel, Size2d? stride = null, Size2d padding = default)
    {
        Window2d window = RequirePool(x, kernel, stride ?? kernel, padding);
        using var timing = Profiler.Time();
        Tensor y = new(x.Shape[0], x.Shape[1], window.OutHeight, window.OutWidth);
        window = window.Simplified();
        int planes = x.Count / window.PlaneLength;
        RowParallel.For(planes, Grain(window.PlaneLength), (window, x, y), static (s, start, end) => Simd.Run(new MaxPool2dForward
        {
            Window = s.window,
            X = s.x.Planes(start, end),
            Y = s.y.Planes(start, end),
            Scratch = ThreadScratch.Take(MaxPool2dForward.ScratchLength(s.window)),
        }));

        return Tape.Record(y, [x], (window, x), static (saved, y) =>
        {
            PrepareGrads(saved.x);
            int planes = saved.x.Count / saved.window.PlaneLength;
            RowParallel.For(planes, Grain(saved.window.PlaneLength), (saved.window, saved.x, y), static (s, start, end) =>
                Simd.Run(new MaxPool2dBackward
                {
                    Window = s.window,
                    X = s.x.Planes(start, end),
                    Y = s.y.Planes(start, end),
                    GradY = s.y.GradPlanes(start, end),
                    GradX = s.x.GradPlanes(start, end),
                    Scratch = ThreadScratch.Take(MaxPool2dBackward.ScratchLength(s.window)),
                }));
        }, inDouble: static (saved, v) => PoolInDouble(saved.window, v[0], static window => window.Max()));
    }

    /// <summary>y = the mean of the elements in each position of the window.</summary>
    /// <param name="x">[N, C, H, W]</param>
    /// <param name="kernel">Size of the window: one number or (height, width).</param>
    /// <param name="stride">Step of the window; its size when null.</param>
    /// <param name="padding">Zeros on either side, at most half of the window.</param>
    /// <param name="countIncludePad">Whether the padding counts as elements; otherwise the mean is over what is inside.</param>
    /// <returns>[N, C, OH, OW] with OH = (H + 2 padding - kernel) / stride + 1, rounded down, and OW likewise.</returns>
    /// <exception cref="ArgumentException">The window does not fit, or the padding is more than half of it.</exception>
    public static Tensor AvgPool2d(Tensor x, Size2d kernel, Size2d? stride = null, Size2d padding = default, bool countIncludePad = true)
    {
        Window2d window = RequirePool(x, kernel, stride ?? kernel, padding);
        using var timing = Profiler.Time();
        Tensor y = new(x.Shape[0], x.Shape[1], window.OutHeight, window.OutWidth);
        window = window.Simplified();
        Tensor rows = Counts(kernel.Height, window.OutHeight, window.Stride.Height, padding.Height, window.Height, countIncludePad);
        Tensor columns = Counts(kernel.Width, window.OutWidth, window.Stride.Width, padding.Width, window.Width, countIncludePad);
        int planes = x.Count / window.PlaneLength;
        RowParallel.For(planes, Grain(window.PlaneLength), (window, x, rows, columns, y), static (s, start, end) => Simd.Run(new AvgPool2dForward
        {
            Window = s.window,
            X = s.x.Planes(start, end),
            RowCounts = s.rows,
            ColumnCounts = s.columns,
            Y = s.y.Planes(start, end),
            Scratch = ThreadScratch.Take(AvgPool2dForward.ScratchLength(s.window)),
        }));

        return Tape.Record(y, [x], (window, x, rows, columns, countIncludePad), static (saved, y) =>
        {
            PrepareGrads(saved.x);
            int planes = saved.x.Count / saved.window.PlaneLength;
            RowParallel.For(planes, Grain(saved.window.PlaneLength), (saved, y), static (s, start, end) => Simd.Run(new AvgPool2dBackward
            {
                Window = s.saved.window,
                GradY = s.y.GradPlanes(start, end),
                RowCounts = s.saved.rows,
                ColumnCounts = s.saved.columns,
                GradX = s.saved.x.GradPlanes(start, end),
                Scratch = ThreadScratch.Take(AvgPool2dForward.ScratchLength(s.saved.window)),
            }));
        }, inDouble: static (saved, v) => saved.countIncludePad
            ? PoolInDouble(saved.window, v[0], window => window.Sum() / saved.window.Taps)
            : PoolInDouble(saved.window, v[0], static window => window.Average()));
    }

    private static Window2d RequirePool(Tensor x, Size2d kernel, Size2d stride, Size2d padding)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape.Rank != 4)
            throw new ArgumentException($"x is {x.Shape}; it must be [N, C, H, W].", nameof(x));
        if (padding.Height > kernel.Height / 2 || padding.Width > kernel.Width / 2)
            throw new ArgumentException($"padding {padding} is more than half of the kernel {kernel}.", nameof(padding));
        return RequireWindow(x, kernel, stride, padding, dilation: 1);
    }

    /// <summary>Along one axis: elements of the window that count, at each position.</summary>
    private static Tensor Counts(int kernel, int positions, int stride, int padding, int size, bool all)
    {
        Tensor counts = new(positions);
        for (int p = 0; p < positions; p++)
        {
            int start = p * stride - padding;
            counts.Values[p] = all ? kernel : Math.Min(start + kernel, size) - Math.Max(start, 0);
        }

        return counts;
    }

    private static double[] PoolInDouble(Window2d window, double[] x, Func<IEnumerable<double>, double> pool)
    {
        double[] y = new double[x.Length / window.PlaneLength * window.OutCount];
        for (int at = 0; at < y.Length; at++)
        {
            List<double> elements = [];
            for (int tap = 0; tap < window.Taps; tap++)
            {
                if (Meets(window, at % window.OutCount, tap, out int element))
                    elements.Add(x[at / window.OutCount * window.PlaneLength + element]);
            }

            y[at] = pool(elements);
        }

        return y;
    }

    /// <summary>Values of the planes [start, end) of [N, C, H, W].</summary>
    private static Span<float> Planes(this Tensor x, int start, int end)
    {
        int plane = x.Shape[2] * x.Shape[3];
        return x.Values[(start * plane)..(end * plane)];
    }

    /// <summary>Gradient of the planes [start, end) of [N, C, H, W].</summary>
    private static Span<float> GradPlanes(this Tensor x, int start, int end)
    {
        int plane = x.Shape[2] * x.Shape[3];
        return x.Grad[(start * plane)..(end * plane)];
    }
}
