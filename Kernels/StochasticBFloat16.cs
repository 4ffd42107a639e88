using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = x as bfloat16, the one above (in magnitude) with a probability of how far x is on the way to it, and else the one
/// below: the mean of many is x, so that what is much smaller than a step of bfloat16 is not lost when it is added often.
/// </summary>
public static class StochasticBFloat16
{
    private const uint Exponent = 0x7F80_0000;
    private const int PartsOfHash = sizeof(ulong) / sizeof(ushort);

    /// <summary>Of one number. Infinities stay, NaNs stay and are quiet.</summary>
    /// <param name="value">Any number.</param>
    /// <param name="random">16 random bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Encode(float value, ushort random)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits & Exponent) == Exponent
            ? BFloat16Bits.FromSingle(value)
            : (ushort)((bits + random) >> BFloat16Bits.Shift);
    }

    /// <summary>y[i] from x[i] and 16 of the bits of hash(noise, (first + i) / 4), the lowest for the first of four.</summary>
    /// <param name="x">[n]</param>
    /// <param name="noise">The key of the random bits.</param>
    /// <param name="first">Number of the first element, a multiple of 4.</param>
    /// <param name="y">[n] bfloat16</param>
    public static void Encode(ReadOnlySpan<float> x, RandomKey noise, int first, Span<ushort> y)
    {
        Debug.Assert(x.Length == y.Length && first % PartsOfHash == 0);
        ulong counter = noise.Counter((ulong)first / PartsOfHash);
        for (; x.Length >= PartsOfHash; x = x[PartsOfHash..], y = y[PartsOfHash..])
        {
            ulong random = RandomKey.Mix(counter);
            counter = RandomKey.Next(counter);
            y[3] = Encode(x[3], (ushort)(random >> 48));   // the last first: one check of the bounds for all four
            y[2] = Encode(x[2], (ushort)(random >> 32));
            y[1] = Encode(x[1], (ushort)(random >> 16));
            y[0] = Encode(x[0], (ushort)random);
        }

        ulong rest = RandomKey.Mix(counter);
        for (int i = 0; i < x.Length; i++, rest >>= BFloat16Bits.Shift)
            y[i] = Encode(x[i], (ushort)rest);
    }
}
