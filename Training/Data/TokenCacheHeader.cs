using System.Buffers.Binary;
using System.IO.Hashing;

namespace SpikeEngine.Training.Data;

/// <summary>
/// The first 128 bytes of a token cache, little-endian: magic, version, bytes per id, ids, documents, bytes of text, end-of-text id,
/// size of the vocabulary, key (16), checksum of the ids (16), checksum of all that (16), zeros.
/// </summary>
internal readonly record struct TokenCacheHeader(
    int Width, long Count, long Documents, long Utf8Bytes, int EndOfTextId, int VocabSize, UInt128 Key, UInt128 DataChecksum)
{
    public const int Size = 128;

    private const int Version = 1, ChecksumAt = 80;

    private static ReadOnlySpan<byte> Magic => "SPIKETOK"u8;

    /// <summary>Bytes of one id: two are enough for most vocabularies.</summary>
    public static int WidthFor(int vocabSize) => vocabSize <= 1 << 16 ? sizeof(ushort) : sizeof(int);

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Width);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Documents);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), Utf8Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), EndOfTextId);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(44), VocabSize);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(48), Key);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(64), DataChecksum);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(ChecksumAt), XxHash128.HashToUInt128(bytes.AsSpan(0, ChecksumAt)));
        return bytes;
    }

    /// <summary>Reads a header and holds it against the size of the file.</summary>
    /// <exception cref="InvalidDataException">It is no token cache, of another version, damaged, or cut short.</exception>
    public static TokenCacheHeader Parse(ReadOnlySpan<byte> bytes, string path, long fileLength)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic))
            throw new InvalidDataException($"'{path}' is no token cache.");
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (version != Version)
            throw new InvalidDataException($"Token cache '{path}' has version {version}; this program reads {Version}.");
        if (BinaryPrimitives.ReadUInt128BigEndian(bytes[ChecksumAt..]) != XxHash128.HashToUInt128(bytes[..ChecksumAt]))
            throw new InvalidDataException($"Token cache '{path}' is damaged: the checksum of its header is wrong.");

        var header = new TokenCacheHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]),
            BinaryPrimitives.ReadUInt128BigEndian(bytes[48..]), BinaryPrimitives.ReadUInt128BigEndian(bytes[64..]));
        long length = Size + header.Count * header.Width;
        return length == fileLength
            ? header
            : throw new InvalidDataException($"Token cache '{path}' has {fileLength} bytes; {header.Count} tokens take {length}. Is it cut short?");
    }
}
