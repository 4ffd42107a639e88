using System.Numerics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Bits of a matrix, row after row. Rows of many bits end at a whole number of 512-bit registers, filled up with zeros, so that loops over
/// them have no rest at any width.
/// </summary>
public static class BitRows
{
    /// <summary>Bits of a word.</summary>
    public const int WordBits = 64;

    private const int RegisterWords = 8;

    /// <summary>Words of a row that is not filled up.</summary>
    public static int Words(int bits) => (bits + WordBits - 1) / WordBits;

    /// <summary>Words of a row that is filled up to whole registers.</summary>
    public static int PaddedWords(int bits) => (Words(bits) + RegisterWords - 1) / RegisterWords * RegisterWords;

    /// <summary>Writes where the bits of a row are, in order.</summary>
    /// <param name="row">The row.</param>
    /// <param name="scale">What each position is multiplied by.</param>
    /// <param name="positions">Room for all of them.</param>
    /// <param name="first">The position of the row's first bit.</param>
    /// <returns>How many there are.</returns>
    public static int Positions(ReadOnlySpan<ulong> row, int scale, Span<int> positions, int first = 0)
    {
        int count = 0;
        for (int word = 0; word < row.Length; word++)
        {
            for (ulong bits = row[word]; bits != 0; bits &= bits - 1)
                positions[count++] = (first + word * WordBits + BitOperations.TrailingZeroCount(bits)) * scale;
        }

        return count;
    }

    /// <summary>The bits from <paramref name="first"/> on within a word, up to before <paramref name="end"/>; positions may be outside of it.</summary>
    public static ulong Range(int first, int end) => From(first) & ~From(end);

    /// <summary>Number of bits.</summary>
    public static long Count(ReadOnlySpan<ulong> words)
    {
        long count = 0;
        foreach (ulong word in words)
            count += BitOperations.PopCount(word);
        return count;
    }

    private static ulong From(int first) => first <= 0 ? ulong.MaxValue : first >= WordBits ? 0 : ulong.MaxValue << first;

    /// <summary>Transposes 64 words of 64 bits: bit j of word i changes places with bit i of word j.</summary>
    /// <param name="block">The words.</param>
    public static void TransposeBlock(Span<ulong> block)
    {
        // Halves of halves: blocks of 32, 16, 8 ... bits beside the diagonal change places (Warren, Hacker's Delight, 7-3).
        ulong mask = 0x00000000FFFFFFFF;
        for (int half = WordBits / 2; half > 0; half >>= 1, mask ^= mask << half)
        {
            for (int i = 0; i < WordBits; i = (i + half + 1) & ~half)
            {
                ulong swap = ((block[i] >> half) ^ block[i + half]) & mask;
                block[i] ^= swap << half;
                block[i + half] ^= swap;
            }
        }
    }

    /// <summary>Transposes rows of bits.</summary>
    /// <param name="rows">[count][<paramref name="rowWords"/>]</param>
    /// <param name="rowWords">Words from one row to the next.</param>
    /// <param name="count">Rows.</param>
    /// <param name="bits">Bits of a row.</param>
    /// <param name="columns">[bits][<paramref name="columnWords"/>], overwritten; zeros behind the bits of the rows.</param>
    /// <param name="columnWords">Words from one column to the next.</param>
    public static void Transpose(ReadOnlySpan<ulong> rows, int rowWords, int count, int bits, Span<ulong> columns, int columnWords)
    {
        Span<ulong> block = stackalloc ulong[WordBits];
        for (int column = 0; column < columnWords; column++)
        {
            int first = column * WordBits, valid = Math.Clamp(count - first, 0, WordBits);
            for (int word = 0; word < Words(bits); word++)
            {
                block[valid..].Clear();
                for (int i = 0; i < valid; i++)
                    block[i] = rows[(first + i) * rowWords + word];
                if (valid > 0)
                    TransposeBlock(block);
                int wanted = Math.Min(WordBits, bits - word * WordBits);
                for (int i = 0; i < wanted; i++)
                    columns[(word * WordBits + i) * columnWords + column] = block[i];
            }
        }
    }
}
