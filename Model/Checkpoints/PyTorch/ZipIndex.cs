using System.Buffers.Binary;
using System.Text;

namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>
/// Where the records of a zip file lie: read from the directory at its end, with every claim checked against the file.
/// Records are stored as they are, so a place is all that is needed to use one where it is mapped.
/// </summary>
internal sealed class ZipIndex
{
    private const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50;
    private const uint EntrySignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndLength = 22, End64Length = 56, Locator64Length = 20, EntryLength = 46, LocalLength = 30;
    private const int LongestComment = ushort.MaxValue;
    private const ushort Zip64Field = 1;

    /// <summary>A list of records longer than this is not that of a checkpoint.</summary>
    private const long MaxDirectoryLength = 64 << 20;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _path;
    private readonly FileMapping _file;
    private readonly Dictionary<string, ZipRecord> _records = new(StringComparer.Ordinal);

    private ZipIndex(string path, FileMapping file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>The records by their full names.</summary>
    public IReadOnlyDictionary<string, ZipRecord> Records => _records;

    public static ZipIndex Read(string path, FileMapping file)
    {
        ZipIndex index = new(path, file);
        (long start, long length, long count) = index.FindDirectory();
        index.ReadDirectory(start, length, count);
        return index;
    }

    private (long Start, long Length, long Count) FindDirectory()
    {
        long tailStart = Math.Max(0, _file.Length - EndLength - LongestComment);
        byte[] tail = _file.Copy(tailStart, (int)(_file.Length - tailStart));
        for (int at = tail.Length - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(at);
            // The comment must reach exactly to the end, or four chance bytes in the data would count.
            if (U32(end) == EndSignature && U16(end[20..]) == end.Length - EndLength)
                return ReadEnd(end, tailStart + at);
        }

        throw Broken("the directory at the end of the zip file is missing; was the file cut short?");
    }

    private (long Start, long Length, long Count) ReadEnd(ReadOnlySpan<byte> end, long position)
    {
        if (U16(end[4..]) is not (0 or ushort.MaxValue))
            throw Broken("the zip file is one of several parts");

        long count = U16(end[10..]), length = U32(end[12..]), start = U32(end[16..]);
        if (count == ushort.MaxValue || length == uint.MaxValue || start == uint.MaxValue)
        {
            (start, length, count, position) = ReadEnd64(position);
        }

        if (start < 0 || length < 0 || start > position || length > position - start || length > MaxDirectoryLength
            || count < 0 || count > length / EntryLength)
        {
            throw Broken($"the zip directory claims {count} records in {length} bytes at {start}, before its end at {position}");
        }
        return (start, length, count);
    }

    /// <summary>Files beyond 4 GiB or 65,535 records have a second, wider end in front of the first.</summary>
    private (long Start, long Length, long Count, long Position) ReadEnd64(long position)
    {
        if (position < Locator64Length)
            throw Broken("the zip64 locator is missing");
        byte[] locator = _file.Copy(position - Locator64Length, Locator64Length);
        long at = I64(locator.AsSpan(8));
        if (U32(locator) != Locator64Signature || at < 0 || at > position - Locator64Length - End64Length)
            throw Broken("the zip64 locator is missing or wrong");

        ReadOnlySpan<byte> end = _file.Copy(at, End64Length);
        return U32(end) == End64Signature
            ? (I64(end[48..]), I64(end[40..]), I64(end[32..]), at)
            : throw Broken("the zip64 end of the directory is missing");
    }

    private void ReadDirectory(long start, long length, long count)
    {
        ReadOnlySpan<byte> rest = _file.Copy(start, (int)length);
        for (long i = 0; i < count; i++)
        {
            if (rest.Length < EntryLength || U32(rest) != EntrySignature)
                throw Broken($"entry {i} of the zip directory is damaged");
            int nameLength = U16(rest[28..]), extraLength = U16(rest[30..]), commentLength = U16(rest[32..]);
            if (rest.Length - EntryLength < nameLength + extraLength + commentLength)
                throw Broken($"entry {i} of the zip directory is cut short");

            ReadOnlySpan<byte> name = rest.Slice(EntryLength, nameLength);
            ZipRecord record = ReadEntry(rest[..EntryLength], name, rest.Slice(EntryLength + nameLength, extraLength), start);
            if (!_records.TryAdd(record.Name, record))
                throw Broken($"record '{MessageText.Shorten(record.Name)}' is there twice");
            rest = rest[(EntryLength + nameLength + extraLength + commentLength)..];
        }
    }

    private ZipRecord ReadEntry(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> nameBytes, ReadOnlySpan<byte> extra, long dataEnd)
    {
        string name = Name(nameBytes);
        int flags = U16(entry[8..]), method = U16(entry[10..]);
        long packed = U32(entry[20..]), length = U32(entry[24..]), local = U32(entry[42..]);
        ReadOnlySpan<byte> wide = WideSizes(extra);
        length = Widen(name, length, ref wide);
        packed = Widen(name, packed, ref wide);
        local = Widen(name, local, ref wide);

        if ((flags & 1) != 0)
            throw Broken($"record '{MessageText.Shorten(name)}' is encrypted");
        if (method != 0)
        {
            throw Broken($"record '{MessageText.Shorten(name)}' is compressed (zip method {method}); PyTorch stores records as they are, "
                + "and only such files are read: load it in Python and write it again with torch.save");
        }
        if (packed != length)
            throw Broken($"record '{MessageText.Shorten(name)}' is stored, but its two lengths {packed} and {length} differ");

        return new ZipRecord(name, DataStart(name, nameBytes, local, length, dataEnd), length);
    }

    /// <summary>The header in front of the data says how long it is itself; its name must be the directory's.</summary>
    private long DataStart(string name, ReadOnlySpan<byte> nameBytes, long local, long length, long dataEnd)
    {
        if (local < 0 || local > dataEnd - LocalLength - nameBytes.Length)
            throw Broken($"record '{MessageText.Shorten(name)}' begins at {local}, the data of the zip file ends at {dataEnd}");
        ReadOnlySpan<byte> header = _file.Copy(local, LocalLength + nameBytes.Length);
        if (U32(header) != LocalSignature || U16(header[26..]) != nameBytes.Length || !header[LocalLength..].SequenceEqual(nameBytes))
            throw Broken($"record '{MessageText.Shorten(name)}' has another header at {local} than the directory says");

        long start = local + LocalLength + nameBytes.Length + U16(header[28..]);
        return length >= 0 && start <= dataEnd && length <= dataEnd - start
            ? start
            : throw Broken($"record '{MessageText.Shorten(name)}' has {length} bytes at {start}, the data of the zip ends at {dataEnd}");
    }

    private string Name(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw Broken("the name of a record is not UTF-8");
        }
    }

    /// <summary>The field of 64-bit sizes among the extra fields; empty when there is none.</summary>
    private static ReadOnlySpan<byte> WideSizes(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int length = Math.Min(U16(extra[2..]), extra.Length - 4);
            if (U16(extra) == Zip64Field)
                return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }
        return default;
    }

    /// <summary>A size of all ones stands for the next 64-bit one.</summary>
    private long Widen(string name, long size, ref ReadOnlySpan<byte> wide)
    {
        if (size != uint.MaxValue)
            return size;
        if (wide.Length < 8)
            throw Broken($"record '{MessageText.Shorten(name)}' lacks its 64-bit sizes");
        long value = I64(wide);
        wide = wide[8..];
        return value;
    }

    private InvalidDataException Broken(string offence) => new($"{_path}: {offence}");

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
