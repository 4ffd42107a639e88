using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// O = A V of a binary map and binary values, whole numbers. For each channel only the keys whose value spikes are visited, and each adds a row of
/// bits of the map, one for every query; the sums are kept digit by digit (carry-save additions), so that a register adds hundreds of them at once.
/// </summary>
public readonly ref struct SpikeMixing : IBitKernel
{
    private const int Together = 8;      // rows that are added before a carry goes on to the higher digits
    private const int LowDigits = 3;     // of the sum of those

    /// <summary>[keys][<see cref="RowWords"/>]: the map, a row of queries for every key.</summary>
    public required ReadOnlySpan<ulong> Map { get; init; }

    /// <summary>Words of a row of queries, whole registers.</summary>
    public required int RowWords { get; init; }

    /// <summary>[P][<see cref="ValueWords"/>]: the values, a row of keys for every channel.</summary>
    public required ReadOnlySpan<ulong> Values { get; init; }

    /// <summary>Words of a row of keys.</summary>
    public required int ValueWords { get; init; }

    /// <summary>Number of keys.</summary>
    public required int Keys { get; init; }

    /// <summary>Keys in front of the first query: query i sees keys up to Before + i at most.</summary>
    public int Before { get; init; }

    /// <summary>P</summary>
    public required int Channels { get; init; }

    /// <summary>[P][<see cref="Digits"/>][<see cref="RowWords"/>], overwritten: the sums' binary digits, the lowest first.</summary>
    public required Span<ulong> Sums { get; init; }

    /// <summary>Room for as many numbers as there are keys.</summary>
    public required Span<int> Scratch { get; init; }

    /// <summary>Digits of sums over a number of keys.</summary>
    public static int Digits(int keys) => Math.Max(LowDigits, 32 - BitOperations.LeadingZeroCount((uint)keys));

    /// <inheritdoc/>
    public void Run<B>()
        where B : unmanaged, IBits<B>
    {
        int digits = Digits(Keys);
        for (int channel = 0; channel < Channels; channel++)
        {
            ReadOnlySpan<ulong> values = Values.Slice(channel * ValueWords, BitRows.Words(Keys));
            for (int word = 0, seen = 0, visited = 0; word < RowWords; word += B.Words)
            {
                // Keys after the last query of the register are seen by none of it.
                int end = Math.Min(values.Length, BitRows.Words(Before + (word + B.Words) * BitRows.WordBits));
                seen += BitRows.Positions(values[visited..end], RowWords, Scratch[seen..], visited * BitRows.WordBits);
                visited = end;
                Add<B>(word, Scratch[..seen], Sums[(channel * digits * RowWords + word)..], digits);
            }
        }
    }

    /// <summary>The digits of the sum of some rows, at one register.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add<B>(int word, ReadOnlySpan<int> rows, Span<ulong> planes, int digits)
        where B : unmanaged, IBits<B>
    {
        ReadOnlySpan<ulong> map = Map[word..];
        Span<B> high = stackalloc B[32];
        high = high[..(digits - LowDigits)];
        high.Clear();
        B ones = B.Zero, twos = B.Zero, fours = B.Zero;
        int i = 0;
        for (; i <= rows.Length - Together; i += Together)
        {
            // Eight rows in three digits: each full adder takes two bits of a weight into its digit and gives one of twice the weight.
            B x = B.Load(map, rows[i]), y = B.Load(map, rows[i + 1]), a = B.Carry(ones, x, y);
            ones = B.Sum(ones, x, y);
            x = B.Load(map, rows[i + 2]);
            y = B.Load(map, rows[i + 3]);
            B b = B.Carry(ones, x, y);
            ones = B.Sum(ones, x, y);
            B c = B.Carry(twos, a, b);
            twos = B.Sum(twos, a, b);
            x = B.Load(map, rows[i + 4]);
            y = B.Load(map, rows[i + 5]);
            a = B.Carry(ones, x, y);
            ones = B.Sum(ones, x, y);
            x = B.Load(map, rows[i + 6]);
            y = B.Load(map, rows[i + 7]);
            b = B.Carry(ones, x, y);
            ones = B.Sum(ones, x, y);
            B d = B.Carry(twos, a, b);
            twos = B.Sum(twos, a, b);
            B carry = B.Carry(fours, c, d);
            fours = B.Sum(fours, c, d);
            Ripple(high, carry);
        }

        for (; i < rows.Length; i++)
        {
            B x = B.Load(map, rows[i]), carry = ones & x;
            ones ^= x;
            x = twos & carry;
            twos ^= carry;
            carry = fours & x;
            fours ^= x;
            Ripple(high, carry);
        }

        B.Store(ones, planes, 0);
        B.Store(twos, planes, RowWords);
        B.Store(fours, planes, 2 * RowWords);
        for (int digit = LowDigits; digit < digits; digit++)
            B.Store(high[digit - LowDigits], planes, digit * RowWords);
    }

    private static void Ripple<B>(Span<B> digits, B carry)
        where B : unmanaged, IBits<B>
    {
        foreach (ref B digit in digits)
        {
            B sum = digit ^ carry;
            carry &= digit;
            digit = sum;
        }
    }
}
