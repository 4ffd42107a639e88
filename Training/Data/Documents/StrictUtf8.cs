using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace SpikeEngine.Training.Data.Documents;

/// <summary>Text of a user's file, read strictly: another encoding would otherwise become a corpus of U+FFFD.</summary>
internal static class StrictUtf8
{
    /// <summary>The text of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">Bytes of the file, from one character's first to another's last.</param>
    /// <param name="path">The file, for the message.</param>
    /// <param name="offset">Where in the file, unpacked, they begin.</param>
    /// <exception cref="InvalidDataException">They are not UTF-8; the message names the file, the byte and its place.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string path, long offset)
    {
        if (!Utf8.IsValid(bytes))
        {
            int bad = FirstInvalid(bytes);
            throw new InvalidDataException($"Text file '{path}' is not valid UTF-8: byte {offset + bad} is 0x{bytes[bad]:X2}.");
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The longest beginning that parts no character, of at most <paramref name="most"/> bytes.</summary>
    public static int Boundary(ReadOnlySpan<byte> bytes, int most)
    {
        int end = most;
        while (end > most - 4 && end > 0 && end < bytes.Length && (bytes[end] & 0xC0) == 0x80)
            end--;
        return end > 0 ? end : most;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out int used) == OperationStatus.Done)
            offset += used;
        return offset;
    }
}
