using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>Planes in the form that <see cref="Window2d"/> describes.</summary>
internal static class PaddedPlanes
{
    /// <summary>Floats that <see cref="Band"/> needs.</summary>
    internal static int Length(Window2d window, int planes, int rows) => window.IsPlain ? 0 : checked(planes * rows * window.RowLength);

    /// <summary>Some rows of some planes, ready for a window: the planes themselves where that will do, or else a padded copy.</summary>
    /// <param name="window">The window.</param>
    /// <param name="x">[planes, Height, Width]</param>
    /// <param name="planes">Number of planes.</param>
    /// <param name="firstRow">First padded row; row 0 is the topmost that is made up.</param>
    /// <param name="rows">Padded rows.</param>
    /// <param name="fill">What the padding is.</param>
    /// <param name="scratch"><see cref="Length"/> floats.</param>
    /// <param name="planeLength">Distance between planes of the result.</param>
    internal static ReadOnlySpan<float> Band(
        Window2d window, ReadOnlySpan<float> x, int planes, int firstRow, int rows, float fill, Span<float> scratch, out int planeLength)
    {
        if (window.IsPlain)
        {
            planeLength = window.PlaneLength;
            return x[(firstRow * window.Width)..];
        }

        int rowLength = window.RowLength, length = window.PhaseLength, stride = window.Stride.Width, width = window.Width;
        planeLength = rows * rowLength;
        for (int phase = 0; phase < stride; phase++)
        {
            (int start, int end, int column) = Inside(window, length, phase);
            for (int i = 0; i < planes * rows; i++)
            {
                (int plane, int row) = Math.DivRem(i, rows);
                row += firstRow - window.Padding.Height;
                Span<float> to = scratch.Slice(i * rowLength + phase * length, length);
                if ((uint)row >= (uint)window.Height)
                {
                    to.Fill(fill);
                    continue;
                }

                to[..start].Fill(fill);
                to[end..].Fill(fill);
                Gather(x.Slice((plane * window.Height + row) * width + column, width - column), stride, to[start..end]);
            }
        }

        return scratch[..(planes * planeLength)];
    }

    /// <summary>planes += the padded ones without their padding: the way back of <see cref="Band"/>, for all rows of a plane.</summary>
    /// <param name="window">The window, not plain.</param>
    /// <param name="padded">[planes, rows, RowLength]</param>
    /// <param name="rows">Padded rows, from the topmost on.</param>
    /// <param name="planes">[planes, Height, Width], accumulated.</param>
    internal static void AddUnpadded<L>(Window2d window, ReadOnlySpan<float> padded, int rows, Span<float> planes)
        where L : struct, ILanes<L>
    {
        Debug.Assert(!window.IsPlain);
        int rowLength = window.RowLength, length = window.PhaseLength, stride = window.Stride.Width, width = window.Width;
        int top = window.Padding.Height, last = Math.Min(rows, top + window.Height);
        int count = planes.Length / window.PlaneLength;
        for (int phase = 0; phase < stride; phase++)
        {
            (int start, int end, int column) = Inside(window, length, phase);
            for (int plane = 0; plane < count; plane++)
            {
                for (int row = top; row < last; row++)
                {
                    ReadOnlySpan<float> from = padded.Slice((plane * rows + row) * rowLength + phase * length + start, end - start);
                    Span<float> to = planes.Slice((plane * window.Height + row - top) * width + column, width - column);
                    if (stride == 1)
                        new AddScaled { X = from, Y = to[..from.Length] }.Run<L>();
                    else
                        AddScattered(from, stride, to);
                }
            }
        }
    }

    /// <summary>to[i] = from[i * stride]</summary>
    private static void Gather(ReadOnlySpan<float> from, int stride, Span<float> to)
    {
        if (stride == 1)
        {
            from[..to.Length].CopyTo(to);
            return;
        }

        for (int i = 0, j = 0; i < to.Length; i++, j += stride)
            to[i] = from[j];
    }

    /// <summary>to[i * stride] += from[i]</summary>
    private static void AddScattered(ReadOnlySpan<float> from, int stride, Span<float> to)
    {
        for (int i = 0, j = 0; i < from.Length; i++, j += stride)
            to[j] += from[i];
    }

    /// <summary>The indices [start, end) of a phase that are columns of the plane, and the first of these columns.</summary>
    private static (int Start, int End, int Column) Inside(Window2d window, int length, int phase)
    {
        int stride = window.Stride.Width, left = window.Padding.Width;
        int start = Math.Clamp((left - phase + stride - 1) / stride, 0, length);
        int end = Math.Clamp((left + window.Width - phase + stride - 1) / stride, start, length);
        return (start, end, start == end ? 0 : start * stride + phase - left);
    }
}
