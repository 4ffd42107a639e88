using System.Text;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>Cuts a stream of bytes at a delimiter, in memory that does not depend on the length of the stream.</summary>
internal sealed class DelimitedReader(Stream stream, byte[] delimiter, int most)
{
    private const int FirstCapacity = 1 << 18;

    private byte[] _buffer = new byte[FirstCapacity];
    private int _start;
    private int _end;
    private bool _streamEnded;
    private long _consumed;

    /// <summary>Where in the stream the piece began that <see cref="Next"/> gave.</summary>
    public long Offset { get; private set; }

    /// <summary>The next piece, without the delimiter; a byte order mark at the beginning of the stream is left out.</summary>
    /// <param name="piece">The bytes, until the next call.</param>
    /// <param name="complete">Whether the delimiter or the end of the stream follows: if not, the piece is as long as is allowed, and
    /// what follows continues it.</param>
    /// <returns>Whether there was one.</returns>
    public bool Next(out ReadOnlySpan<byte> piece, out bool complete)
    {
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> window = _buffer.AsSpan(_start, _end - _start);
            int at = delimiter.Length == 0 ? -1 : window[searched..].IndexOf(delimiter);
            at = at < 0 ? -1 : at + searched;
            if (at >= 0 && at <= most)
                return Take(at, delimiter.Length, out piece, out complete);

            // Decided by the content alone, not by how much of it happens to be in memory.
            if (window.Length > most + delimiter.Length || (_streamEnded && window.Length > most))
            {
                Take(StrictUtf8.Boundary(window, most), 0, out piece, out complete);
                complete = false;
                return true;
            }

            if (_streamEnded)
                return Take(window.Length, 0, out piece, out complete) && piece.Length > 0;
            searched = Math.Max(0, window.Length - delimiter.Length + 1);
            Fill();
        }
    }

    private bool Take(int length, int skipped, out ReadOnlySpan<byte> piece, out bool complete)
    {
        piece = _buffer.AsSpan(_start, length);
        complete = true;
        Offset = _consumed;
        _start += length + skipped;
        _consumed += length + skipped;
        return true;
    }

    private void Fill()
    {
        if (_end - _start > _buffer.Length / 2)
            Array.Resize(ref _buffer, checked(_buffer.Length * 2));
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);

        bool first = _consumed == 0 && _end == 0;
        int wanted = _buffer.Length - _end;
        int read = stream.ReadAtLeast(_buffer.AsSpan(_end), wanted, throwOnEndOfStream: false);
        _end += read;
        _streamEnded = read < wanted;
        if (first && _buffer.AsSpan(0, _end).StartsWith(Encoding.UTF8.Preamble))
            _start = (int)(_consumed = Encoding.UTF8.Preamble.Length);
    }
}
