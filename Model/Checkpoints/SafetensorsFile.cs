using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// A safetensors file, read by mapping it: opening costs the header only, and a tensor is copied when asked for.
/// A damaged or hostile file gives an <see cref="InvalidDataException"/> that names the file, the tensor and the offence.
/// Layout: u64 header length, JSON header, raw data; everything little-endian. Reads may run on several threads.
/// Replacing an open file is safe; a program that shortens one in place ends every reader of the mapping.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int LengthField = 8;

    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, TensorEntry> _byName;
    private readonly long _dataStart;

    private SafetensorsFile(string path, FileStream stream)
    {
        _path = path;
        long length = stream.Length;
        if (length < LengthField)
            throw new InvalidDataException($"{path}: {length} bytes are too few for a safetensors file");

        _file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte[] json = ReadHeaderBytes(length);
            _dataStart = LengthField + json.Length;
            _header = SafetensorsHeader.Parse(path, json, length - _dataStart);
            _byName = _header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The tensors in the order of the header, which need not be the order of the data.</summary>
    public IReadOnlyList<TensorEntry> Entries => _header.Entries;

    /// <summary>The free text of the header's <c>__metadata__</c>; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The entry of a tensor; a missing one is an error that lists the most similar names.</summary>
    public TensorEntry this[string name] => _byName.TryGetValue(name, out TensorEntry? entry)
        ? entry
        : throw new KeyNotFoundException(
            $"{_path}: no tensor '{name}' among {Entries.Count}; similar: {string.Join(", ", SimilarNames.Of(name, _byName.Keys))}");

    /// <summary>Opens a file and checks its header and layout. The data itself is not read.</summary>
    public static SafetensorsFile Open(string path)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("safetensors files are read on little-endian machines only");

        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        try
        {
            return new SafetensorsFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Whether the file has a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The values of a floating-point tensor, row-major, converted to single precision.</summary>
    public float[] ReadFloats(string name)
    {
        TensorEntry entry = this[name];
        float[] values = new float[ArrayLength(entry)];
        ReadFloats(name, values);
        return values;
    }

    /// <summary>As <see cref="ReadFloats(string)"/>, into memory of exactly the right length.</summary>
    public void ReadFloats(string name, Span<float> destination)
    {
        TensorEntry entry = this[name];
        if (!entry.DType.IsFloat())
            throw new InvalidDataException($"{_path}: {entry} does not hold floating-point values");
        if (entry.ElementCount != destination.Length)
            throw new InvalidDataException($"{_path}: {entry} has {entry.ElementCount} values, the destination {destination.Length}");

        using UnmanagedMemoryStream data = OpenData(entry);
        Span<byte> piece = stackalloc byte[4096];
        int capacity = piece.Length / entry.DType.Size();
        while (!destination.IsEmpty)
        {
            Span<float> target = destination[..Math.Min(capacity, destination.Length)];
            Span<byte> source = piece[..(target.Length * entry.DType.Size())];
            data.ReadExactly(source);
            ValueConversion.ToFloats(entry.DType, source, target);
            destination = destination[target.Length..];
        }
    }

    /// <summary>As <see cref="ReadFloats(string, Span{float})"/>, and the stored shape must equal <paramref name="shape"/>.</summary>
    public void ReadFloats(string name, ReadOnlySpan<int> shape, Span<float> destination)
    {
        TensorEntry entry = this[name];
        bool equal = entry.Shape.Length == shape.Length;
        for (int axis = 0; equal && axis < shape.Length; axis++)
            equal = entry.Shape[axis] == shape[axis];
        if (!equal)
            throw new InvalidDataException($"{_path}: {entry}, expected [{string.Join(", ", shape.ToArray())}]");

        ReadFloats(name, destination);
    }

    /// <summary>The values of an integer or BOOL tensor, row-major.</summary>
    public long[] ReadInt64s(string name)
    {
        TensorEntry entry = this[name];
        if (entry.DType.IsFloat())
            throw new InvalidDataException($"{_path}: {entry} does not hold integers");

        long[] values = new long[ArrayLength(entry)];
        using UnmanagedMemoryStream data = OpenData(entry);
        Span<byte> one = stackalloc byte[entry.DType.Size()];
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                data.ReadExactly(one);
                values[i] = ValueConversion.ToInt64(entry.DType, one);
            }
        }
        catch (OverflowException)
        {
            throw new InvalidDataException($"{_path}: {entry} holds a value beyond 2^63 - 1");
        }
        return values;
    }

    /// <summary>Unmaps the file. Arrays that were read stay valid.</summary>
    public void Dispose()
    {
        _view?.Dispose();
        _file.Dispose();
    }

    /// <summary>The claimed length is compared with the file before a byte is allocated for it.</summary>
    private byte[] ReadHeaderBytes(long fileLength)
    {
        ulong claimed = _view.ReadUInt64(0);
        if (claimed > SafetensorsHeader.MaxLength || claimed > (ulong)(fileLength - LengthField))
        {
            throw new InvalidDataException(
                $"{_path}: the header claims {claimed} bytes, the file has {fileLength}, "
                + $"the limit is {SafetensorsHeader.MaxLength}{Disguise()}");
        }

        byte[] json = new byte[claimed];
        using UnmanagedMemoryStream bytes = new(_view.SafeMemoryMappedViewHandle, LengthField, json.Length);
        bytes.ReadExactly(json);
        return json;
    }

    /// <summary>Two downloads gone wrong are common enough to be named.</summary>
    private string Disguise()
    {
        Span<byte> start = stackalloc byte[LengthField];
        BinaryPrimitives.WriteUInt64LittleEndian(start, _view.ReadUInt64(0));
        if (start.SequenceEqual("version "u8))
            return "; this is a git LFS pointer, fetch the real file with 'git lfs pull'";
        return start[0] == (byte)'<' ? "; this is a web page, not the file it was meant to be" : "";
    }

    private int ArrayLength(TensorEntry entry) => entry.ElementCount <= Array.MaxLength
        ? (int)entry.ElementCount
        : throw new InvalidDataException($"{_path}: {entry} has {entry.ElementCount} values, more than one array can hold");

    /// <summary>A stream of its own for each read: no position is shared, so threads do not disturb each other.</summary>
    private UnmanagedMemoryStream OpenData(TensorEntry entry) =>
        new(_view.SafeMemoryMappedViewHandle, _dataStart + entry.Begin, entry.ByteLength);
}
