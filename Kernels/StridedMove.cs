using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>to = from, or to += from, element by element as a <see cref="StridedLoop"/> walks.</summary>
public readonly ref struct StridedMove : ISimdKernel
{
    private const int Block = 16;   // floats in a cache line

    /// <summary>The array that is read.</summary>
    public required ReadOnlySpan<float> From { get; init; }

    /// <summary>The array that is written.</summary>
    public required Span<float> To { get; init; }

    /// <summary>What moves where, collapsed.</summary>
    public required StridedLoop Loop { get; init; }

    /// <summary>Whether to add to what is there.</summary>
    public required bool Accumulate { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Accumulate || !Loop.AddsUp, "values overwrite each other");
        if (Loop.Count > 0)
            Descend<L>(0, Loop.FromOffset, Loop.ToOffset);
    }

    private void Descend<L>(int axis, int from, int to)
        where L : struct, ILanes<L>
    {
        StridedAxis outer = Loop[axis];
        if (axis == Loop.Rank - 1)
        {
            Line<L>(outer, from, to);
            return;
        }

        StridedAxis inner = Loop[axis + 1];
        if (axis == Loop.Rank - 2 && StridedLoop.IsTransposed(outer, inner))
        {
            if (outer.From == 1)
                Transpose<L>(read: outer, write: inner, from, to);
            else
                Transpose<L>(read: inner, write: outer, from, to);
            return;
        }

        for (int i = 0; i < outer.Size; i++)
            Descend<L>(axis + 1, from + i * outer.From, to + i * outer.To);
    }

    private void Line<L>(StridedAxis axis, int from, int to)
        where L : struct, ILanes<L>
    {
        int n = axis.Size;
        switch (axis.From, axis.To, Accumulate)
        {
            case (1, 1, _):
                Put<L>(From.Slice(from, n), To.Slice(to, n));
                break;
            case (0, 1, false):
                To.Slice(to, n).Fill(From[from]);
                break;
            case (1, 0, true):
                To[to] += Reduce.Sum<L>(From.Slice(from, n));
                break;
            default:
                Scattered(axis, from, to);
                break;
        }
    }

    private void Scattered(StridedAxis axis, int from, int to)
    {
        ReadOnlySpan<float> source = From;   // locals stay in registers
        Span<float> target = To;
        if (Accumulate)
        {
            for (int i = 0; i < axis.Size; i++, from += axis.From, to += axis.To)
                target[to] += source[from];
        }
        else
        {
            for (int i = 0; i < axis.Size; i++, from += axis.From, to += axis.To)
                target[to] = source[from];
        }
    }

    /// <summary>
    /// Square blocks by way of a small buffer, so that each cache line on either side is opened once and used whole: with rows a
    /// power of two apart, the lines of one block would push each other out of the cache.
    /// </summary>
    /// <param name="read">The axis along which the source is contiguous.</param>
    /// <param name="write">The axis along which the target is contiguous.</param>
    /// <param name="from">Where the first element is read.</param>
    /// <param name="to">Where it is written.</param>
    [SkipLocalsInit]   // the buffer is written before it is read
    private void Transpose<L>(StridedAxis read, StridedAxis write, int from, int to)
        where L : struct, ILanes<L>
    {
        Span<float> block = stackalloc float[Block * Block];
        for (int w = 0; w < write.Size; w += Block)
        {
            int width = Math.Min(Block, write.Size - w);
            for (int r = 0; r < read.Size; r += Block)
            {
                int height = Math.Min(Block, read.Size - r);
                if (width == Block && height == Block)
                    FullBlock(From[(from + w * write.From + r)..], write.From, block);
                else
                    PartOfBlock(From[(from + w * write.From + r)..], write.From, width, height, block);
                for (int k = 0; k < height; k++)
                    Put<L>(block.Slice(k * Block, width), To.Slice(to + (r + k) * read.To + w, width));
            }
        }
    }

    private static void FullBlock(ReadOnlySpan<float> from, int stride, Span<float> block)
    {
        for (int i = 0; i < Block; i += Block4x4.Size)
        {
            for (int k = 0; k < Block; k += Block4x4.Size)
                Block4x4.Transpose(from[(i * stride + k)..], stride, block[(k * Block + i)..], Block);
        }
    }

    private static void PartOfBlock(ReadOnlySpan<float> from, int stride, int width, int height, Span<float> block)
    {
        for (int i = 0; i < width; i++)
        {
            for (int k = 0; k < height; k++)
                block[k * Block + i] = from[i * stride + k];
        }
    }

    private void Put<L>(ReadOnlySpan<float> from, Span<float> to)
        where L : struct, ILanes<L>
    {
        if (Accumulate)
            new AddScaled { X = from, Y = to }.Run<L>();
        else
            from.CopyTo(to);
    }
}
