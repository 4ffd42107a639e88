using System.Globalization;
using System.Text;

namespace SpikeEngine.Model.Text;

/// <summary>
/// Cuts text into words as GPT-2's pattern does:
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// </summary>
/// <remarks>
/// A scanner and not a <c>Regex</c>: .NET patterns see UTF-16 code units, so a letter above U+FFFF would count as
/// two symbols there and part <c>a𝒜</c> where every other implementation keeps it whole.
/// </remarks>
public static class Gpt2Words
{
    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>The length of the word that starts <paramref name="text"/>; 0 only when the text is empty.</summary>
    public static int NextLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return 0;
        int contraction = ContractionLength(text);
        if (contraction > 0)
            return contraction;

        // One blank (a true blank, no tab) belongs to the word after it.
        int start = text[0] == ' ' && text.Length > 1 && !char.IsWhiteSpace(text[1]) ? 1 : 0;
        Kind kind = KindOf(text[start..], out _);
        int end = start + RunLength(text[start..], kind);

        // `\s+(?!\S)`: a run of white space leaves its last character to the word that follows.
        return kind == Kind.Space && end < text.Length && end > 1 ? end - 1 : end;
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text[0] != '\'' || text.Length < 2)
            return 0;
        if (text[1] is 's' or 't' or 'm' or 'd')
            return 2;
        return text.Length >= 3 && text[1..3] is "re" or "ve" or "ll" ? 3 : 0;
    }

    private static int RunLength(ReadOnlySpan<char> text, Kind kind)
    {
        int length = 0;
        while (length < text.Length && KindOf(text[length..], out int used) == kind)
            length += used;
        return length;
    }

    private static Kind KindOf(ReadOnlySpan<char> text, out int used)
    {
        char first = text[0];
        used = 1;
        if (char.IsAscii(first))
        {
            return char.IsAsciiLetter(first) ? Kind.Letter
                : char.IsAsciiDigit(first) ? Kind.Number
                : char.IsWhiteSpace(first) ? Kind.Space
                : Kind.Other;
        }

        Rune.DecodeFromUtf16(text, out Rune rune, out used);
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        if (Rune.IsLetter(rune))
            return Kind.Letter;
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber
            or UnicodeCategory.OtherNumber ? Kind.Number : Kind.Other;
    }
}
