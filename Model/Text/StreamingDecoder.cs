using System.Buffers;
using System.Text;

namespace SpikeEngine.Model.Text;

/// <summary>
/// Turns ids into text one at a time, as a model produces them. A token may end inside a UTF-8 character; the bytes so far
/// are held back until the character is complete. The pieces, joined, are what <see cref="Tokenizer.Decode"/> gives.
/// </summary>
/// <param name="tokenizer">The tokenizer that the ids belong to.</param>
/// <param name="skipSpecialTokens">Leave out tokens marked as special, such as the end of the text.</param>
public sealed class StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens = false)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>Takes the next id and returns the text it completes, often empty inside a character.</summary>
    public string Append(int id) => Decode(tokenizer.BytesOf(id, skipSpecialTokens), flush: false);

    /// <summary>Ends the text: U+FFFD if a character was cut short, otherwise empty. The stream then starts anew.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        // Bytes held back can add a few characters to those of this token.
        char[] buffer = ArrayPool<char>.Shared.Rent(bytes.Length + 4);
        try
        {
            int count = _decoder.GetChars(bytes, buffer, flush);
            return count == 0 ? "" : new string(buffer, 0, count);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }
}
