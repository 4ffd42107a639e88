using System.IO.MemoryMappedFiles;

namespace SpikeEngine.Training.Data;

/// <summary>
/// Ids in a memory-mapped file, of two or four bytes. Pages that were looked at count as the process's memory until the view is closed, so it
/// is opened anew now and then: a pass over a large file takes no more memory than one over a small file.
/// </summary>
internal sealed class MappedTokens : IDisposable
{
    // The system maps some pages around the one that is asked for.
    private const int BytesAround = 1 << 16;
    private const long MostResident = 1 << 26;
    private const int Block = 1024;

    private readonly object _gate = new();
    private readonly MemoryMappedFile _file;
    private readonly int _dataStart;
    private readonly int _width;
    private MemoryMappedViewAccessor _view;
    private long _resident;

    public MappedTokens(FileStream file, int dataStart, int width)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Token caches are read on little-endian machines only.");
        (_dataStart, _width) = (dataStart, width);
        _file = MemoryMappedFile.CreateFromFile(file, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = View();
    }

    /// <summary>Copies ids; the range is the caller's to check.</summary>
    public void Read(long start, Span<int> ids)
    {
        lock (_gate)
        {
            Span<ushort> narrow = stackalloc ushort[Block];
            for (int done = 0; done < ids.Length; done += Block)
            {
                Span<int> some = ids[done..Math.Min(done + Block, ids.Length)];
                Renew(some.Length);
                ulong at = (ulong)(_view.PointerOffset + _dataStart + (start + done) * _width);
                if (_width == sizeof(int))
                {
                    _view.SafeMemoryMappedViewHandle.ReadSpan(at, some);
                    continue;
                }

                _view.SafeMemoryMappedViewHandle.ReadSpan(at, narrow[..some.Length]);
                for (int i = 0; i < some.Length; i++)
                    some[i] = narrow[i];
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _view.Dispose();
            _file.Dispose();
        }
    }

    private void Renew(int count)
    {
        _resident += BytesAround + count * _width;
        if (_resident <= MostResident)
            return;
        _view.Dispose();
        _view = View();
        _resident = 0;
    }

    private MemoryMappedViewAccessor View() => _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
}
