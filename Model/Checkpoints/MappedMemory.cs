using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Part of a mapped file as <see cref="Memory{T}"/>. It counts as a user of the mapping, so the file stays mapped as long
/// as this object is alive; writing to it ends the process, which is why it is handed out as read-only memory alone.
/// </summary>
internal sealed unsafe class MappedMemory : MemoryManager<byte>
{
    private readonly SafeMemoryMappedViewHandle _handle;
    private readonly byte* _start;
    private readonly int _length;
    private int _released;

    public MappedMemory(SafeMemoryMappedViewHandle handle, long offset, int length)
    {
        // Before anything that can throw: the finaliser runs even after a failed constructor.
        _released = 1;
        _handle = handle;
        byte* start = null;
        handle.AcquirePointer(ref start);
        _released = 0;
        _start = start + offset;
        _length = length;
    }

    /// <summary>Memory that was given away and forgotten gives its part of the mapping back.</summary>
    ~MappedMemory() => Dispose(disposing: false);

    public override Span<byte> GetSpan() => new(_start, _length);

    /// <summary>A mapping does not move.</summary>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex, pinnable: this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            _handle.ReleasePointer();
        if (disposing)
            GC.SuppressFinalize(this);
    }
}
