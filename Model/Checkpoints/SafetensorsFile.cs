using System.Buffers;
using System.Buffers.Binary;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// A safetensors file. Layout: u64 header length, JSON header, raw data; everything little-endian. Replacing an open file
/// is safe; a program that shortens one in place ends every reader of the mapping.
/// </summary>
public sealed class SafetensorsFile : TensorFile
{
    private const int LengthField = 8;

    private readonly FileMapping _file;
    private readonly long _dataStart;

    private SafetensorsFile(string path, FileMapping file, SafetensorsHeader header, long dataStart)
        : base(path, header.Entries)
    {
        _file = file;
        _dataStart = dataStart;
        Metadata = header.Metadata;
    }

    /// <summary>The free text of the header's <c>__metadata__</c>; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header and layout. The data itself is not read.</summary>
    public static SafetensorsFile Open(string path)
    {
        var file = FileMapping.Open(path);
        try
        {
            byte[] json = ReadHeaderBytes(path, file);
            long dataStart = LengthField + json.Length;
            return new SafetensorsFile(path, file, SafetensorsHeader.Parse(path, json, file.Length - dataStart), dataStart);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    internal override IMemoryOwner<byte> Slice(TensorEntry entry, long start, int length) =>
        _file.Slice(_dataStart + entry.Begin + start, length);

    private protected override void Dispose(bool disposing) => _file.Dispose();

    /// <summary>The claimed length is compared with the file before a byte is allocated for it.</summary>
    private static byte[] ReadHeaderBytes(string path, FileMapping file)
    {
        if (file.Length < LengthField)
            throw new InvalidDataException($"{path}: {file.Length} bytes are too few for a safetensors file");

        ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(file.Copy(0, LengthField));
        if (claimed > SafetensorsHeader.MaxLength || claimed > (ulong)(file.Length - LengthField))
        {
            throw new InvalidDataException(
                $"{path}: the header claims {claimed} bytes, the file has {file.Length}, "
                + $"the limit is {SafetensorsHeader.MaxLength}{FileDisguise.Of(file)}");
        }
        return file.Copy(LengthField, (int)claimed);
    }
}
