using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// A whole file mapped for reading: opening costs nothing, and pages come in when they are looked at. Replacing an open
/// file is safe; a program that shortens one in place ends every reader of the mapping.
/// </summary>
internal sealed class FileMapping : IDisposable
{
    private readonly string _path;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;

    private FileMapping(string path, FileStream stream)
    {
        _path = path;
        Length = stream.Length;
        if (Length == 0)
        {
            // Nothing cannot be mapped.
            stream.Dispose();
            return;
        }

        _file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    public static FileMapping Open(string path)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("weight files are read on little-endian machines only");

        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        try
        {
            return new FileMapping(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Bytes of the file, not copied. They stay readable until the owner is disposed or nobody references its memory any
    /// more, even when this mapping is disposed before.
    /// </summary>
    public IMemoryOwner<byte> Slice(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new InvalidDataException($"{_path}: bytes {offset}..{offset + length} are not within its {Length}; is it cut short?");
        return _view is null
            ? new ArrayOwner([])
            : new MappedMemory(new MappingLease(_view.SafeMemoryMappedViewHandle), _view.PointerOffset + offset, length);
    }

    /// <summary>A copy of bytes of the file; for headers.</summary>
    public byte[] Copy(long offset, int length)
    {
        using IMemoryOwner<byte> slice = Slice(offset, length);
        return slice.Memory.ToArray();
    }

    public void Dispose()
    {
        _view?.Dispose();
        _file?.Dispose();
    }
}
