using CsCheck;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Kernels.Bits;

/// <summary>Bits in rows and columns.</summary>
public class BitRowsTests
{
    [Fact]
    public void ATransposedMatrixHasTheSameBits() => Gen.Select(Gen.Int[1, 150], Gen.Int[1, 150]).Sample((rows, bits) =>
    {
        int rowWords = BitRows.Words(bits), columnWords = BitRows.PaddedWords(rows);
        SeededRandom random = new(3, $"{rows} {bits}");
        ulong[] matrix = new ulong[rows * rowWords], columns = new ulong[bits * columnWords];
        Array.Fill(columns, ulong.MaxValue);
        for (int i = 0; i < rows * bits; i++)
            matrix[i / bits * rowWords + i % bits / 64] |= (ulong)random.NextInt(2) << (i % bits);

        BitRows.Transpose(matrix, rowWords, rows, bits, columns, columnWords);

        for (int bit = 0; bit < bits; bit++)
        {
            for (int row = 0; row < columnWords * 64; row++)
                Assert.Equal(row < rows && Bit(matrix, row * rowWords, bit), Bit(columns, bit * columnWords, row));
        }
    }, iter: 100);

    [Fact]
    public void PositionsAreThoseOfTheBits()
    {
        int[] positions = new int[4];
        Assert.Equal(3, BitRows.Positions([0b101, 1UL << 63], 10, positions));
        Assert.Equal([0, 20, 1270, 0], positions);
        Assert.Equal(3, BitRows.Count([0b101, 1UL << 63]));
        Assert.Equal((0b11100UL, ulong.MaxValue, 0UL), (BitRows.Range(2, 5), BitRows.Range(-3, 64), BitRows.Range(70, 90)));
    }

    private static bool Bit(ulong[] words, int first, int bit) => (words[first + bit / 64] >> bit & 1) != 0;
}
