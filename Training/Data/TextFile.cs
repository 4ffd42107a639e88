using System.Text;
using SpikeEngine.Training.Data.Documents;

namespace SpikeEngine.Training.Data;

/// <summary>The lines of a user's text file.</summary>
internal static class TextFile
{
    public static List<string> ReadLines(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"Text file '{path}' does not exist.", path);
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path), mark = Encoding.UTF8.Preamble;
        int marked = bytes.StartsWith(mark) ? mark.Length : 0;
        string text = StrictUtf8.Decode(bytes[marked..], path, marked);
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
}
