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

        int rowLength = window.RowLength, width = window.Width;
        planeLength = rows * rowLength;
        for (int plane = 0; plane < planes; plane++)
        {
            for (int r = 0; r < rows; r++)
            {
                int row = firstRow + r - window.Padding.Height;
                Span<float> to = scratch.Slice(plane * planeLength + r * rowLength, rowLength);
                if ((uint)row >= (uint)window.Height)
                    to.Fill(fill);
                else
                    PadRow(window, x.Slice((plane * window.Height + row) * width, width), fill, to);
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
        for (int plane = 0; plane < count; plane++)
        {
            for (int row = top; row < last; row++)
            {
                ReadOnlySpan<float> from = padded.Slice((plane * rows + row) * rowLength, rowLength);
                Span<float> to = planes.Slice((plane * window.Height + row - top) * width, width);
                for (int phase = 0; phase < stride; phase++)
                {
                    (int start, int end, int column) = Inside(window, phase);
                    ReadOnlySpan<float> part = from.Slice(phase * length + start, end - start);
                    if (stride == 1)
                    {
                        new AddScaled { X = part, Y = to.Slice(column, part.Length) }.Run<L>();
                        continue;
                    }

                    for (int i = 0; i < part.Length; i++)
                        to[column + i * stride] += part[i];
                }
            }
        }
    }

    private static void PadRow(Window2d window, ReadOnlySpan<float> x, float fill, Span<float> to)
    {
        int length = window.PhaseLength, stride = window.Stride.Width;
        for (int phase = 0; phase < stride; phase++)
        {
            (int start, int end, int column) = Inside(window, phase);
            Span<float> part = to.Slice(phase * length, length);
            part[..start].Fill(fill);
            part[end..].Fill(fill);
            part = part[start..end];
            if (stride == 1)
            {
                x.Slice(column, part.Length).CopyTo(part);
                continue;
            }

            for (int i = 0; i < part.Length; i++)
                part[i] = x[column + i * stride];
        }
    }

    /// <summary>The indices [start, end) of a phase that are columns of the plane, and the first of these columns.</summary>
    private static (int Start, int End, int Column) Inside(Window2d window, int phase)
    {
        int stride = window.Stride.Width, left = window.Padding.Width;
        int start = Math.Clamp((left - phase + stride - 1) / stride, 0, window.PhaseLength);
        int end = Math.Clamp((left + window.Width - phase + stride - 1) / stride, start, window.PhaseLength);
        return (start, end, start == end ? 0 : start * stride + phase - left);
    }
}
