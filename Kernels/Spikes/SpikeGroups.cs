namespace SpikeEngine.Kernels;

/// <summary>
/// For <see cref="SpikeMatVec{TCode, T}"/>: a share of the active inputs of a vector, in the order of <see cref="SpikeEvents"/>, level by level, four at a time which lie a quarter of the level
/// apart: four streams of memory that each go on near where they stopped. What comes next is known as well, so that it can be asked for in time:
/// the weights of active inputs lie anywhere, which no processor foresees.
/// </summary>
/// <param name="indices">Active inputs, from <see cref="SpikeEvents.Indices"/>.</param>
/// <param name="ends">Ends of the runs, from <see cref="SpikeEvents.Ends"/>.</param>
/// <param name="part">Which share of each level, from 0 on.</param>
/// <param name="parts">How many shares there are.</param>
internal ref struct SpikeGroups(ReadOnlySpan<ushort> indices, ReadOnlySpan<ushort> ends, int part, int parts)
{
    /// <summary>Inputs of a whole group.</summary>
    internal const int Size = 4;

    private readonly ReadOnlySpan<ushort> _indices = indices;
    private readonly ReadOnlySpan<ushort> _ends = ends;
    private int _run = -2;   // the inputs of the level that spike upwards; those downwards follow
    private int _levelStart;
    private int _levelEnd;
    private int _quarter;
    private int _group;

    /// <summary>Inputs of the group: four, or one of those that a level has left over.</summary>
    internal readonly int Count => _group < _quarter ? Size : 1;

    /// <summary>How many of them spike upwards; they come first.</summary>
    internal readonly int Positive
    {
        get
        {
            int positive = 0;
            while (positive < Count && Position(positive) < _ends[_run])
                positive++;
            return positive;
        }
    }

    /// <summary>How many levels end with this group: that of its inputs, and those below in which nothing is active.</summary>
    internal readonly int LevelsEnded
    {
        get
        {
            if (_group < Groups - 1)
                return 0;
            int levels = 1;
            for (int run = _run + 2; run < _ends.Length && Bound(run, part) == Bound(run, part + 1); run += 2)
                levels++;
            return levels;
        }
    }

    /// <summary>An input of the group.</summary>
    internal readonly int Input(int position) => _indices[Position(position)];

    /// <summary>The input at a position of the next group of the level, or the last of the level.</summary>
    internal readonly int Next(int position) => _indices[Math.Min(Position(position) + 1, _levelEnd - 1)];

    /// <summary>Goes on to the next group, if there is one.</summary>
    internal bool MoveNext()
    {
        _group++;
        while (_group >= Groups)
        {
            _run += 2;
            if (_run >= _ends.Length)
                return false;
            (_levelStart, _levelEnd) = (Bound(_run, part), Bound(_run, part + 1));
            (_quarter, _group) = ((_levelEnd - _levelStart) / Size, 0);
        }

        return true;
    }

    private readonly int Groups => _quarter + (_levelEnd - _levelStart) % Size;

    private readonly int Position(int position) =>
        _levelStart + (_group < _quarter ? _group + position * _quarter : Size * _quarter + _group - _quarter);

    /// <summary>Where a share of a level begins.</summary>
    private readonly int Bound(int run, int share)
    {
        int start = run == 0 ? 0 : _ends[run - 1];
        return start + (_ends[run + 1] - start) * share / parts;
    }
}
