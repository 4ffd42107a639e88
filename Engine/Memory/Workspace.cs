namespace SpikeEngine;

/// <summary>
/// Memory of one training step: every tensor created on this thread between <see cref="Open"/> and the end of its
/// scope comes from here, and all of it is taken back at once. Blocks are kept, so a steady loop allocates none.
/// </summary>
public sealed class Workspace
{
    // Blocks double from 1 MB to 64 MB: a small step does not pay for a large one, and what a large one has not touched takes no memory.
    private const int SmallestBlock = 1 << 18;
    private const int LargestBlock = 1 << 24;

    [ThreadStatic]
    private static Workspace? t_current;

    private readonly List<Memory<float>> _blocks = [];
    private readonly List<int> _used = [];
    private readonly Stack<(int Block, int Used)> _taken = new();   // how full a block was before each piece, in the order they were taken
    private readonly List<Memory<float>> _spare = [];
    private int _spareOfOuterRegions;
    private long _floats;
    private Workspace? _outer;
    private Region? _region;

    /// <summary>The workspace that is open on this thread, or null: then tensors are ordinary garbage-collected objects.</summary>
    public static Workspace? Current => t_current;

    /// <summary>Bytes held, used or not.</summary>
    public long CapacityBytes => _blocks.Sum(block => (long)block.Length * sizeof(float));

    /// <summary>The most bytes that were in use at once: what the operating system has had to provide.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Bytes that the open step has taken so far.</summary>
    public long UsedBytes => _floats * sizeof(float);

    /// <summary>Makes this the workspace of the calling thread until the scope is disposed, which reclaims its tensors.</summary>
    /// <exception cref="InvalidOperationException">It is open already.</exception>
    public Scope Open()
    {
        if (_region is not null)
            throw new InvalidOperationException("This workspace is open already; dispose its scope first.");
        _region = new Region();
        _outer = t_current;
        t_current = this;
        return new Scope(this);
    }

    /// <summary>The stretch of time that tensors created now belong to; null when they are ordinary garbage-collected objects.</summary>
    internal static Region? CurrentRegion => t_current?._region;

    /// <summary>Memory for one tensor of the current step; the contents are undefined.</summary>
    internal static Memory<float> Rent(int length) =>
        t_current is { } workspace ? workspace.TakeSpare(length) ?? workspace.Take(length) : AlignedMemory.Allocate(length);

    /// <summary>Takes memory of the open step back before the step ends: whoever rents next may have it.</summary>
    internal static void GiveBack(Memory<float> memory)
    {
        if (t_current is { } workspace && !memory.IsEmpty)
            workspace._spare.Add(memory);
    }

    /// <summary>As <see cref="Rent"/>, for a caller that gives it back before anyone else rents.</summary>
    internal static Memory<float> RentTemporary(int length, out Mark mark)
    {
        mark = new Mark(t_current);
        return t_current?.Take(length) ?? AlignedMemory.Allocate(length);
    }

    /// <summary>
    /// Memory that was given back in this region: of just the length if there is some, otherwise part of the smallest that is longer. Gradients
    /// come in few sizes, layer after layer, so that little is cut.
    /// </summary>
    private Memory<float>? TakeSpare(int length)
    {
        int best = -1, rounded = AlignedMemory.RoundUp(length);
        for (int i = _spareOfOuterRegions; i < _spare.Count; i++)
        {
            int room = AlignedMemory.RoundUp(_spare[i].Length);
            if (_spare[i].Length >= length && (best < 0 || room < AlignedMemory.RoundUp(_spare[best].Length)))
                best = i;
            if (best == i && room == rounded)
                break;
        }

        if (best < 0)
            return null;
        Memory<float> found = _spare[best];
        if (found.Length - rounded > 0)
            _spare[best] = found[rounded..];
        else
            _spare.RemoveAt(best);
        return found[..length];
    }

    private Memory<float> Take(int length)
    {
        int rounded = AlignedMemory.RoundUp(length), block = 0;
        while (block < _blocks.Count && _blocks[block].Length - _used[block] < rounded)
            block++;
        if (block == _blocks.Count)
        {
            _blocks.Add(AlignedMemory.AllocateUninitialized(Math.Max(NextBlock, rounded)));
            _used.Add(0);
        }

        _taken.Push((block, _used[block]));
        Memory<float> memory = _blocks[block].Slice(_used[block], length);
        _used[block] += rounded;
        _floats += rounded;
        PeakBytes = Math.Max(PeakBytes, UsedBytes);
        return memory;
    }

    private int NextBlock => _blocks.Count == 0 ? SmallestBlock : Math.Min(2 * _blocks[^1].Length, LargestBlock);

    /// <summary>Takes back all but the first pieces.</summary>
    private void Rewind(int pieces)
    {
        while (_taken.Count > pieces)
        {
            (int block, int used) = _taken.Pop();
            _floats -= _used[block] - used;
            _used[block] = used;
        }
    }

    /// <summary>Opens a region inside the current one: what is created until its end is taken back there, earlier than the rest.</summary>
    public static InnerRegion OpenRegion() => new(t_current);

    private void Close(Region region)
    {
        if (_region != region)
            return;   // closed already
        if (t_current != this)
            throw new InvalidOperationException("A workspace that was opened later on this thread is still open; close it first.");
        Rewind(0);
        _spare.Clear();
        _region.IsClosed = true;
        _region = null;
        t_current = _outer;
    }

    /// <summary>Says of the tensors created in a stretch of time whether their memory has been taken back.</summary>
    internal sealed class Region
    {
        /// <summary>Whether the memory has been taken back.</summary>
        public bool IsClosed { get; set; }
    }

    /// <summary>A region within a step; without a workspace there is nothing to take back, and it does nothing.</summary>
    public readonly struct InnerRegion : IDisposable
    {
        private readonly Workspace? _workspace;
        private readonly Region? _outer;
        private readonly Mark _mark;
        private readonly int _spareOfOuterRegions;

        internal InnerRegion(Workspace? workspace)
        {
            _workspace = workspace;
            _mark = new Mark(workspace);
            if (workspace is null)
                return;
            _outer = workspace._region;
            _spareOfOuterRegions = workspace._spareOfOuterRegions;
            workspace._spareOfOuterRegions = workspace._spare.Count;
            workspace._region = new Region();
        }

        /// <summary>Takes back what was created since.</summary>
        public void Dispose()
        {
            if (_workspace is null)
                return;
            _workspace._region!.IsClosed = true;
            _workspace._region = _outer;
            _workspace._spare.RemoveRange(_workspace._spareOfOuterRegions, _workspace._spare.Count - _workspace._spareOfOuterRegions);
            _workspace._spareOfOuterRegions = _spareOfOuterRegions;
            _mark.Release();
        }
    }

    /// <summary>A point to which a workspace can be rewound.</summary>
    internal readonly struct Mark
    {
        private readonly Workspace? _workspace;
        private readonly int _pieces;

        internal Mark(Workspace? workspace)
        {
            _workspace = workspace;
            _pieces = workspace?._taken.Count ?? 0;
        }

        /// <summary>Gives back everything rented since the mark was taken.</summary>
        internal void Release() => _workspace?.Rewind(_pieces);
    }

    /// <summary>The time in which a workspace serves its thread.</summary>
    public readonly struct Scope : IDisposable
    {
        private readonly Workspace? _workspace;
        private readonly Region? _region;

        internal Scope(Workspace workspace) => (_workspace, _region) = (workspace, workspace._region);

        /// <summary>Takes back every tensor of the step; nothing more when it has been done.</summary>
        /// <exception cref="InvalidOperationException">A workspace that was opened later on this thread is still open.</exception>
        public void Dispose() => _workspace?.Close(_region!);
    }
}
