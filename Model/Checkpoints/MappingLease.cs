using Microsoft.Win32.SafeHandles;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// A use of a mapping: the file stays mapped until every lease is given back or forgotten, whatever becomes of the object
/// that mapped it.
/// </summary>
internal sealed unsafe class MappingLease : IDisposable
{
    private readonly SafeMemoryMappedViewHandle _handle;
    private int _held;

    public MappingLease(SafeMemoryMappedViewHandle handle)
    {
        _handle = handle;
        byte* start = null;
        handle.AcquirePointer(ref start);
        // Only now: the finaliser runs after a failed constructor as well.
        _held = 1;
        Start = start;
    }

    ~MappingLease() => Release();

    /// <summary>The first byte of the mapping.</summary>
    public byte* Start { get; }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _held, 0) == 1)
            _handle.ReleasePointer();
    }
}
