namespace SpikeEngine.Model.Text;

/// <summary>
/// GPT-2's alphabet: every byte as one printable character, so that a vocabulary of byte strings can be written as text.
/// </summary>
/// <remarks>
/// The printable bytes of Latin-1 stand for themselves. The other 68 (controls, the blank, the soft hyphen and so on)
/// take the characters from U+0100 upwards, in order: the blank becomes <c>Ġ</c>, the line feed <c>Ċ</c>.
/// </remarks>
public static class ByteLevelAlphabet
{
    private static readonly char[] s_chars = BuildChars();
    private static readonly short[] s_bytes = BuildBytes();

    /// <summary>The character that stands for <paramref name="value"/>.</summary>
    public static char ToChar(byte value) => s_chars[value];

    /// <summary>The bytes of <paramref name="token"/>, or <see langword="null"/> when a character is not of this alphabet.</summary>
    public static byte[]? ToBytes(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var bytes = new byte[token.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            short value = token[i] < s_bytes.Length ? s_bytes[token[i]] : (short)-1;
            if (value < 0)
                return null;
            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] BuildChars()
    {
        var chars = new char[256];
        char next = '\u0100';
        for (int value = 0; value < chars.Length; value++)
        {
            bool printable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            chars[value] = printable ? (char)value : next++;
        }

        return chars;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[s_chars.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < s_chars.Length; value++)
            bytes[s_chars[value]] = (short)value;
        return bytes;
    }
}
