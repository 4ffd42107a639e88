namespace SpikeEngine;

/// <summary>
/// Part of an axis, as in Python: entries start, start + step, ... before end. Negative positions count from the end, those
/// beyond it are moved to it, and a negative step walks backwards. <c>1..5</c> and <c>^2..</c> convert by themselves.
/// </summary>
/// <param name="Start">First entry; null for the first in the direction of the step.</param>
/// <param name="End">Entry before which it ends; null for past the last one.</param>
/// <param name="Step">Distance between entries; not 0.</param>
public readonly record struct SliceRange(int? Start, int? End, int Step = 1)
{
    /// <summary>The whole axis.</summary>
    public static SliceRange All => new(null, null);

    /// <summary>Every <paramref name="step"/>-th entry, as in <c>::step</c>.</summary>
    public static SliceRange Every(int step) => new(null, null, step);

    /// <summary>The same entries; out of range they are moved to the ends, as in Python, instead of being refused.</summary>
    public static SliceRange FromRange(Range range) => new(
        range.Start.IsFromEnd ? FromEnd(range.Start.Value, past: int.MaxValue) : range.Start.Value,
        range.End.IsFromEnd ? FromEnd(range.End.Value, past: null) : range.End.Value);

    /// <summary>As <see cref="FromRange"/>.</summary>
    public static implicit operator SliceRange(Range range) => FromRange(range);

    /// <summary>As in <c>1:5:2</c>.</summary>
    public override string ToString() => Step == 1 ? $"{Start}:{End}" : $"{Start}:{End}:{Step}";

    /// <summary>The first entry and the number of entries on an axis of <paramref name="size"/>.</summary>
    /// <exception cref="ArgumentException">The step is 0.</exception>
    internal (int First, int Count) On(int size)
    {
        if (Step == 0)
            throw new ArgumentException($"The step of a slice is 0 (on an axis of {size}).");
        int lowest = Step > 0 ? 0 : -1, highest = Step > 0 ? size : size - 1;
        int first = Start is { } start ? Clamped(start) : Step > 0 ? lowest : highest;
        int end = End is { } last ? Clamped(last) : Step > 0 ? highest : lowest;
        long distance = Step > 0 ? (long)end - first : (long)first - end, step = Math.Abs((long)Step);
        return (first, (int)Math.Max(0, (distance + step - 1) / step));

        int Clamped(int position) => Math.Clamp(position < 0 ? position + size : position, lowest, highest);
    }

    // ^0 is one past the last entry, for which Python has no negative number.
    private static int? FromEnd(int value, int? past) => value == 0 ? past : -value;
}
