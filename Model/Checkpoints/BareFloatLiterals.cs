using System.Buffers;
using System.Text;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Python's json module writes the bare words <c>Infinity</c>, <c>-Infinity</c> and <c>NaN</c>, which strict JSON forbids.
/// Newer transformers write <c>{"__float__": "Infinity"}</c>; turning the old form into the new leaves one form to read.
/// </summary>
internal static class BareFloatLiterals
{
    public const string Key = "__float__";

    // The longer word first: its tail is the shorter one.
    private static readonly string[] s_words = ["-Infinity", "Infinity", "NaN"];

    public static byte[] Wrap(ReadOnlySpan<byte> json)
    {
        ArrayBufferWriter<byte> output = new(json.Length + 64);
        bool inString = false;
        for (int i = 0; i < json.Length;)
        {
            int step = 1;
            if (inString && json[i] == (byte)'\\')
                step = Math.Min(2, json.Length - i);
            else if (json[i] == (byte)'"')
                inString = !inString;
            else if (!inString && WordAt(json[i..]) is string word)
            {
                output.Write(Encoding.ASCII.GetBytes($"{{\"{Key}\":\"{word}\"}}"));
                i += word.Length;
                continue;
            }

            output.Write(json.Slice(i, step));
            i += step;
        }
        return output.WrittenSpan.ToArray();
    }

    private static string? WordAt(ReadOnlySpan<byte> text)
    {
        foreach (string word in s_words)
        {
            if (text.Length >= word.Length && Ascii.Equals(text[..word.Length], word))
                return word;
        }
        return null;
    }
}
