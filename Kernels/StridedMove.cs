using System.Diagnostics;

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
            Transpose(outer, inner, from, to);
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
            case (1, 1, false):
                From.Slice(from, n).CopyTo(To.Slice(to, n));
                break;
            case (1, 1, true):
                new AddScaled { X = From.Slice(from, n), Y = To.Slice(to, n) }.Run<L>();
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

    /// <summary>Square blocks: each cache line that is opened on either side is used whole.</summary>
    private void Transpose(StridedAxis rows, StridedAxis columns, int from, int to)
    {
        for (int row = 0; row < rows.Size; row += Block)
        {
            int height = Math.Min(Block, rows.Size - row);
            for (int column = 0; column < columns.Size; column += Block)
            {
                StridedAxis line = columns with { Size = Math.Min(Block, columns.Size - column) };
                int source = from + row * rows.From + column * columns.From, target = to + row * rows.To + column * columns.To;
                for (int i = 0; i < height; i++)
                    Scattered(line, source + i * rows.From, target + i * rows.To);
            }
        }
    }
}
