using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// O = A V of a binary map and binary values, whole numbers. For each channel only the keys whose value spikes are visited, and each adds a row of
/// bits of the map, one for every query; the sums are kept digit by digit (carry-save additions), so that a register adds hundreds of them at once.
/// </summary>
public readonly ref struct SpikeMixing : IBitKernel
{
    private const int Together = 8;      // rows that are added before a carry goes on to the higher digits
    private const int LowDigits = 3;     // of the sum of those
    private const int ByteDigits = 8;

    private static readonly ulong[] s_spread = [.. Enumerable.Range(0, 256).Select(Spread)];

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

    /// <summary>Number of queries.</summary>
    public required int Queries { get; init; }

    /// <summary>P</summary>
    public required int Channels { get; init; }

    /// <summary>[queries, P], overwritten; rows <see cref="Stride"/> floats apart.</summary>
    public required Span<float> O { get; init; }

    /// <summary>Floats from one query of O to the next.</summary>
    public required int Stride { get; init; }

    /// <summary>Room of <see cref="ScratchWords"/> words.</summary>
    public required Span<ulong> Scratch { get; init; }

    /// <summary>Words of scratch.</summary>
    public static int ScratchWords(int keys, int channels, int rowWords)
    {
        int digits = Digits(keys), bytes = (digits + ByteDigits - 1) / ByteDigits;
        return (keys + Together + 1) / 2 + digits * rowWords + bytes * channels * BitRows.WordBits * rowWords / sizeof(ulong);
    }

    /// <inheritdoc/>
    public void Run<B>()
        where B : unmanaged, IBits<B>
    {
        int digits = Digits(Keys), bytes = (digits + ByteDigits - 1) / ByteDigits, queryRoom = RowWords * BitRows.WordBits;
        Span<int> rows = System.Runtime.InteropServices.MemoryMarshal.Cast<ulong, int>(Scratch[..((Keys + Together + 1) / 2)]);
        Span<ulong> planes = Scratch.Slice((Keys + Together + 1) / 2, digits * RowWords);
        Span<byte> counts = System.Runtime.InteropServices.MemoryMarshal.AsBytes(Scratch[((Keys + Together + 1) / 2 + digits * RowWords)..]);
        for (int channel = 0; channel < Channels; channel++)
        {
            int active = BitRows.Positions(Values.Slice(channel * ValueWords, ValueWords), RowWords, rows);
            int seen = 0;
            for (int word = 0; word < RowWords; word += B.Words)
            {
                // Keys after the last query of the register are seen by none of it.
                int limit = (Before + (word + B.Words) * BitRows.WordBits) * RowWords;
                while (seen < active && rows[seen] < limit)
                    seen++;
                Add<B>(word, rows[..seen], planes[word..], digits);
            }

            for (int part = 0; part < bytes; part++)
                ToBytes(planes[(part * ByteDigits * RowWords)..], Math.Min(ByteDigits, digits - part * ByteDigits), counts.Slice((part * Channels + channel) * queryRoom, queryRoom));
        }

        ToFloats(counts, bytes, queryRoom);
    }

    /// <summary>The digits of the sum of some rows, at one register.</summary>
    private void Add<B>(int word, ReadOnlySpan<int> rows, Span<ulong> planes, int digits)
        where B : unmanaged, IBits<B>
    {
        ReadOnlySpan<ulong> map = Map[word..];
        Span<B> high = stackalloc B[32];
        high = high[..Math.Max(0, digits - LowDigits)];
        high.Clear();
        B ones = B.Zero, twos = B.Zero, fours = B.Zero;
        int i = 0;
        for (; i <= rows.Length - Together; i += Together)
        {
            B a = Half(ref ones, B.Load(map, rows[i]), B.Load(map, rows[i + 1])), b = Half(ref ones, B.Load(map, rows[i + 2]), B.Load(map, rows[i + 3]));
            B c = Half(ref ones, B.Load(map, rows[i + 4]), B.Load(map, rows[i + 5])), d = Half(ref ones, B.Load(map, rows[i + 6]), B.Load(map, rows[i + 7]));
            B carry = Half(ref fours, Half(ref twos, a, b), Half(ref twos, c, d));
            Ripple(high, carry);
        }

        for (; i < rows.Length; i++)
        {
            B carry = Half(ref fours, Half(ref twos, Half(ref ones, B.Load(map, rows[i]), B.Zero), B.Zero), B.Zero);
            Ripple(high, carry);
        }

        Span<B> low = [ones, twos, fours];
        for (int digit = 0; digit < digits; digit++)
            B.Store(digit < LowDigits ? low[digit] : high[digit - LowDigits], planes, digit * RowWords);
    }

    /// <summary>Adds two bits of one weight to a digit.</summary>
    /// <returns>The carry.</returns>
    private static B Half<B>(ref B digit, B a, B b)
        where B : unmanaged, IBits<B>
    {
        B carry = B.Carry(digit, a, b);
        digit = B.Sum(digit, a, b);
        return carry;
    }

    private static void Ripple<B>(Span<B> digits, B carry)
        where B : unmanaged, IBits<B>
    {
        for (int i = 0; i < digits.Length; i++)
        {
            B sum = digits[i] ^ carry;
            carry = digits[i] & carry;
            digits[i] = sum;
        }
    }

    /// <summary>The numbers of up to eight digits, one byte for each query.</summary>
    private void ToBytes(ReadOnlySpan<ulong> planes, int digits, Span<byte> bytes)
    {
        Span<ulong> eights = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int word = 0; word < RowWords; word++)
        {
            for (int part = 0; part < sizeof(ulong); part++)
            {
                ulong sum = 0;
                for (int digit = 0; digit < digits; digit++)
                    sum |= s_spread[(byte)(planes[digit * RowWords + word] >> (8 * part))] << digit;
                eights[word * sizeof(ulong) + part] = sum;
            }
        }
    }

    private void ToFloats(ReadOnlySpan<byte> counts, int bytes, int queryRoom)
    {
        Debug.Assert(bytes <= 2, "more keys than two bytes count");
        for (int query = 0; query < Queries; query++)
        {
            Span<float> o = O.Slice(query * Stride, Channels);
            for (int channel = 0; channel < Channels; channel++)
            {
                int count = counts[channel * queryRoom + query];
                if (bytes > 1)
                    count |= counts[(Channels + channel) * queryRoom + query] << ByteDigits;
                o[channel] = count;
            }
        }
    }

    /// <summary>Digits of numbers up to a number of keys.</summary>
    private static int Digits(int keys) => Math.Max(LowDigits, 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)keys));

    private static ulong Spread(int bits)
    {
        ulong spread = 0;
        for (int i = 0; i < 8; i++)
            spread |= (ulong)(bits >> i & 1) << (8 * i);
        return spread;
    }
}
