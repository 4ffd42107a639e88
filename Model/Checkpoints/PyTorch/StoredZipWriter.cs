using System.IO.Hashing;
using System.Text;

namespace SpikeEngine.Model.Checkpoints.PyTorch;

/// <summary>
/// Writes a zip file of records stored as they are, each aligned as PyTorch aligns them, so that they can be used where they are mapped.
/// The same records give the same bytes.
/// </summary>
/// <param name="stream">An empty file.</param>
/// <param name="narrow">The first length or offset that takes 64 bits.</param>
internal sealed class StoredZipWriter(Stream stream, long narrow = uint.MaxValue) : IDisposable
{
    private const uint LocalSignature = 0x04034b50, EntrySignature = 0x02014b50;
    private const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50;
    private const int LocalLength = 30, EndLength64 = 56, CrcPosition = 14, FieldHeader = 4;
    private const ushort Version = 20, Version64 = 45, Utf8Names = 1 << 11, FirstOf1980 = 0x21;
    private const ushort Zip64Field = 1, PaddingField = 0x4246;   // PyTorch's own field of padding, 'FB'
    private const int Alignment = 64;

    private readonly BinaryWriter _writer = new(stream, Encoding.UTF8, leaveOpen: true);
    private readonly List<Entry> _entries = [];

    /// <summary>Adds a record.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">Its length.</param>
    /// <param name="write">Writes as many bytes.</param>
    public void Add(string name, long length, Action<Stream> write)
    {
        Entry entry = new(Encoding.UTF8.GetBytes(name), length, stream.Position, Crc: 0);
        WriteLocal(entry);
        ChecksumStream body = new(stream);
        write(body);
        if (body.Length != length)
            throw new InvalidOperationException($"record '{name}' wrote {body.Length} of {length} bytes");

        // The checksum is known only now.
        long end = stream.Position;
        entry = entry with { Crc = body.Checksum };
        stream.Position = entry.Offset + CrcPosition;
        _writer.Write(entry.Crc);
        stream.Position = end;
        _entries.Add(entry);
    }

    /// <summary>Adds a record of few bytes.</summary>
    public void Add(string name, ReadOnlyMemory<byte> bytes) => Add(name, bytes.Length, body => body.Write(bytes.Span));

    /// <summary>Writes the directory, with which the file ends.</summary>
    public void Finish()
    {
        long start = stream.Position;
        foreach (Entry entry in _entries)
            WriteEntry(entry);
        WriteEnd(start, stream.Position - start);
    }

    /// <summary>Leaves the file open.</summary>
    public void Dispose() => _writer.Dispose();

    private void WriteLocal(Entry entry)
    {
        bool wide = IsWide(entry.Length);
        int wideLength = wide ? FieldHeader + 2 * sizeof(long) : 0;
        long headers = entry.Offset + LocalLength + entry.Name.Length + wideLength + FieldHeader;
        int padding = (int)(-headers & (Alignment - 1));

        _writer.Write(LocalSignature);
        WriteFacts(entry, wide);
        _writer.Write((ushort)(wideLength + FieldHeader + padding));
        _writer.Write(entry.Name);
        if (wide)
        {
            WriteFieldHeader(Zip64Field, 2 * sizeof(long));
            _writer.Write(entry.Length);
            _writer.Write(entry.Length);
        }

        WriteFieldHeader(PaddingField, padding);
        for (int i = 0; i < padding; i++)
            _writer.Write((byte)'Z');
    }

    private void WriteEntry(Entry entry)
    {
        bool wideLength = IsWide(entry.Length), wideOffset = IsWide(entry.Offset);
        int wide = (wideLength ? 2 * sizeof(long) : 0) + (wideOffset ? sizeof(long) : 0);

        _writer.Write(EntrySignature);
        _writer.Write(Version64);
        WriteFacts(entry, wide > 0);
        _writer.Write((ushort)(wide > 0 ? FieldHeader + wide : 0));
        _writer.Write((ushort)0);   // no comment
        _writer.Write((ushort)0);   // disk
        _writer.Write((ushort)0);   // attributes, internal
        _writer.Write(0u);          // and external
        _writer.Write(Narrow(entry.Offset));
        _writer.Write(entry.Name);
        if (wide == 0)
            return;
        WriteFieldHeader(Zip64Field, wide);
        if (wideLength)
        {
            _writer.Write(entry.Length);
            _writer.Write(entry.Length);
        }

        if (wideOffset)
            _writer.Write(entry.Offset);
    }

    /// <summary>What the header in front of a record and its entry in the directory have in common.</summary>
    private void WriteFacts(Entry entry, bool wide)
    {
        _writer.Write(wide ? Version64 : Version);
        _writer.Write(Utf8Names);
        _writer.Write((ushort)0);   // stored
        _writer.Write((ushort)0);   // midnight
        _writer.Write(FirstOf1980);
        _writer.Write(entry.Crc);
        _writer.Write(Narrow(entry.Length));
        _writer.Write(Narrow(entry.Length));
        _writer.Write((ushort)entry.Name.Length);
    }

    private void WriteEnd(long start, long length)
    {
        bool wide = IsWide(start) || IsWide(length) || _entries.Count >= ushort.MaxValue;
        if (wide)
            WriteEnd64(start, length);
        ushort count = (ushort)Math.Min(_entries.Count, ushort.MaxValue);
        _writer.Write(EndSignature);
        _writer.Write(0u);          // disks
        _writer.Write(count);
        _writer.Write(count);
        _writer.Write(Narrow(length));
        _writer.Write(Narrow(start));
        _writer.Write((ushort)0);   // no comment
    }

    private void WriteEnd64(long start, long length)
    {
        long position = stream.Position;
        _writer.Write(End64Signature);
        _writer.Write((long)EndLength64 - sizeof(uint) - sizeof(long));   // what follows
        _writer.Write(Version64);
        _writer.Write(Version64);
        _writer.Write(0L);          // disks
        _writer.Write((long)_entries.Count);
        _writer.Write((long)_entries.Count);
        _writer.Write(length);
        _writer.Write(start);

        _writer.Write(Locator64Signature);
        _writer.Write(0u);          // disk
        _writer.Write(position);
        _writer.Write(1u);          // disks in all
    }

    private void WriteFieldHeader(ushort id, int length)
    {
        _writer.Write(id);
        _writer.Write((ushort)length);
    }

    private bool IsWide(long size) => size >= narrow;

    /// <summary>All ones where the 64-bit one counts.</summary>
    private uint Narrow(long size) => IsWide(size) ? uint.MaxValue : (uint)size;

    private sealed record Entry(byte[] Name, long Length, long Offset, uint Crc);

    /// <summary>Passes bytes on and keeps count and checksum of them.</summary>
    private sealed class ChecksumStream(Stream inner) : Stream
    {
        private readonly Crc32 _crc = new();
        private long _length;

        public uint Checksum => _crc.GetCurrentHashAsUInt32();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position
        {
            get => _length;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            inner.Write(buffer);
            _crc.Append(buffer);
            _length += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
