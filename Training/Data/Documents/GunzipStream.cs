using System.IO.Compression;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>
/// Unpacks gzip, and throws when the file is cut short, which <see cref="GZipStream"/> takes for its end. A gzip file may have several
/// members: one of known content is appended to what is read, and comes out at the end only if those before it are complete.
/// </summary>
internal sealed class GunzipStream : Stream
{
    private static readonly byte[] s_mark = "the end of a gzip file"u8.ToArray();
    private static readonly byte[] s_member = Packed(s_mark);

    private readonly GZipStream _unpacked;
    private readonly byte[] _held = new byte[1 << 16];   // the last bytes may be the mark
    private int _start;
    private int _end;
    private bool _ended;

    public GunzipStream(Stream packed) => _unpacked = new GZipStream(new Appended(packed, s_member), CompressionMode.Decompress);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <exception cref="InvalidDataException">What was packed is damaged or cut short.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!_ended && _end - _start <= s_mark.Length)
            Fill();
        int count = Math.Min(buffer.Length, _end - _start - (_ended ? 0 : s_mark.Length));
        _held.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _unpacked.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _held.AsSpan(_start, _end - _start).CopyTo(_held);
        (_start, _end) = (0, _end - _start);
        int read = Unpack(_held.AsSpan(_end));
        _end += read;
        if (read > 0)
            return;
        if (!_held.AsSpan(0, _end).EndsWith(s_mark))
            throw new InvalidDataException("the packed data are cut short.");
        _end -= s_mark.Length;
        _ended = true;
    }

    private int Unpack(Span<byte> buffer)
    {
        try
        {
            return _unpacked.Read(buffer);
        }
        catch (InvalidDataException error)
        {
            // The reason given is that of the format's first bytes, whatever is wrong.
            throw new InvalidDataException("the packed data are damaged, cut short or not gzip.", error);
        }
    }

    private static byte[] Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>A stream, and some bytes after its end.</summary>
    private sealed class Appended(Stream stream, byte[] tail) : Stream
    {
        private int _tailRead = -1;   // negative before the end of the stream

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_tailRead < 0)
            {
                int read = stream.Read(buffer);
                if (read > 0 || buffer.IsEmpty)
                    return read;
                _tailRead = 0;
            }

            int count = Math.Min(buffer.Length, tail.Length - _tailRead);
            tail.AsSpan(_tailRead, count).CopyTo(buffer);
            _tailRead += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
