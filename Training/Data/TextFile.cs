using System.Text;
using System.Text.Unicode;

namespace SpikeEngine.Training.Data;

/// <summary>Reads a user's text file strictly: text in another encoding would otherwise become a corpus of U+FFFD.</summary>
internal static class TextFile
{
    public static List<string> ReadLines(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"Text file '{path}' does not exist.", path);
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        if (!Utf8.IsValid(bytes))
        {
            int offset = FirstInvalid(bytes);
            throw new InvalidDataException($"Text file '{path}' is not valid UTF-8: byte {offset} is 0x{bytes[offset]:X2}.");
        }

        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        string text = Encoding.UTF8.GetString(bytes.StartsWith(mark) ? bytes[mark.Length..] : bytes);
        var lines = new List<string>();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            cancellation.ThrowIfCancellationRequested();
            string folded = LineText.Fold(line);
            if (folded.Length > 0)
                lines.Add(folded);
        }

        return lines.Count > 0 ? lines : throw new InvalidDataException($"Text file '{path}' has no text.");
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out int used) == System.Buffers.OperationStatus.Done)
            offset += used;
        return offset;
    }
}
