using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>One axis of a <see cref="StridedLoop"/>.</summary>
/// <param name="Size">Number of entries.</param>
/// <param name="From">Distance between them where they are read; 0 reads one value again and again.</param>
/// <param name="To">Distance between them where they are written; 0 only where values are added up.</param>
public readonly record struct StridedAxis(int Size, int From, int To);

/// <summary>
/// Nested loops that walk through two arrays at once: a slice, a permutation, a broadcast, one part of a concatenation.
/// The element (i, j, ...) moves from FromOffset + i From_0 + j From_1 + ... to ToOffset + i To_0 + j To_1 + ...
/// </summary>
/// <param name="fromOffset">Where element (0, 0, ...) is read.</param>
/// <param name="toOffset">Where it is written.</param>
public struct StridedLoop(int fromOffset, int toOffset)
{
    /// <summary>Most axes that a loop can have.</summary>
    public const int MaxRank = 12;

    private const int EnoughToSplit = 16;

    private Axes _axes;

    /// <summary>Where element (0, 0, ...) is read.</summary>
    public int FromOffset { get; private set; } = fromOffset;

    /// <summary>Where element (0, 0, ...) is written.</summary>
    public int ToOffset { get; private set; } = toOffset;

    /// <summary>Number of axes.</summary>
    public int Rank { get; private set; }

    /// <summary>An axis, the outermost first.</summary>
    public readonly StridedAxis this[int axis] => _axes[axis];

    /// <summary>Number of elements that move.</summary>
    public readonly int Count
    {
        get
        {
            int count = 1;
            for (int axis = 0; axis < Rank; axis++)
                count *= _axes[axis].Size;
            return count;
        }
    }

    /// <summary>Whether some element is written more than once, by adding up.</summary>
    public readonly bool AddsUp
    {
        get
        {
            bool adds = false;
            for (int axis = 0; axis < Rank; axis++)
                adds |= _axes[axis] is { Size: > 1, To: 0 };
            return adds;
        }
    }

    /// <summary>The way back: reading and writing exchanged.</summary>
    public readonly StridedLoop Reversed
    {
        get
        {
            StridedLoop back = new(ToOffset, FromOffset);
            for (int axis = 0; axis < Rank; axis++)
                back.Add(new StridedAxis(_axes[axis].Size, _axes[axis].To, _axes[axis].From));
            return back;
        }
    }

    /// <summary>
    /// Where to cut the loop between threads: never along an axis that adds up. The outermost axis keeps pieces contiguous;
    /// one with few entries would leave threads idle.
    /// </summary>
    public readonly int SplitAxis
    {
        get
        {
            int best = 0;
            for (int axis = 0; axis < Rank; axis++)
            {
                if (_axes[axis].To != 0 && _axes[axis].Size >= EnoughToSplit)
                    return axis;
                if (_axes[best].To == 0 || (_axes[axis].To != 0 && _axes[axis].Size > _axes[best].Size))
                    best = axis;
            }

            return best;
        }
    }

    /// <summary>Adds an axis inside those there are.</summary>
    /// <exception cref="NotSupportedException">There are <see cref="MaxRank"/> already.</exception>
    public void Add(StridedAxis axis)
    {
        if (Rank == MaxRank)
            throw new NotSupportedException($"Tensors of more than {MaxRank} axes cannot be rearranged.");
        _axes[Rank++] = axis;
    }

    /// <summary>
    /// The same moves with as few axes as can be, at least one: neighbours that continue each other become one, so that runs
    /// are long. An axis along which the other side is contiguous moves next to the innermost one, for the blocked transpose.
    /// </summary>
    public readonly StridedLoop Collapsed()
    {
        StridedLoop loop = new(FromOffset, ToOffset);
        for (int i = 0; i < Rank; i++)
        {
            StridedAxis axis = _axes[i];
            if (axis.Size == 1)
                continue;
            StridedAxis outer = loop.Rank > 0 ? loop._axes[loop.Rank - 1] : default;
            if (loop.Rank > 0 && outer.From == axis.From * axis.Size && outer.To == axis.To * axis.Size)
                loop._axes[loop.Rank - 1] = axis with { Size = outer.Size * axis.Size };
            else
                loop.Add(axis);
        }

        if (loop.Rank == 0)
            loop.Add(new StridedAxis(1, 1, 1));
        loop.BringContiguousAxesTogether();
        return loop;
    }

    /// <summary>The entries [start, end) of one axis.</summary>
    public readonly StridedLoop Part(int axis, int start, int end)
    {
        StridedLoop part = this;
        part.FromOffset += start * _axes[axis].From;
        part.ToOffset += start * _axes[axis].To;
        part._axes[axis] = _axes[axis] with { Size = end - start };
        return part;
    }

    private void BringContiguousAxesTogether()
    {
        StridedAxis inner = _axes[Rank - 1];
        for (int i = Rank - 3; i >= 0; i--)
        {
            if (!IsTransposed(_axes[i], inner))
                continue;
            StridedAxis found = _axes[i];
            for (; i < Rank - 2; i++)
                _axes[i] = _axes[i + 1];
            _axes[Rank - 2] = found;
            return;
        }
    }

    /// <summary>Whether one side is contiguous along the inner axis, and the other side along the outer one.</summary>
    internal static bool IsTransposed(StridedAxis outer, StridedAxis inner) => inner is { From: not 0, To: not 0 }
        && ((outer.From == 1 && inner.To == 1) || (outer.To == 1 && inner.From == 1));

    [InlineArray(MaxRank)]
    private struct Axes
    {
        private StridedAxis _first;
    }
}
