namespace SpikeEngine.Kernels;

/// <summary>
/// Random numbers without a state: the i-th is a hash of (key, i), so any thread can have any of them in any order.
/// Mixing function: SplitMix64 (Steele, Lea and Flood 2014).
/// </summary>
/// <param name="Value">The key.</param>
public readonly record struct RandomKey(ulong Value)
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    /// <summary>64 random bits, the <paramref name="index"/>-th of this key.</summary>
    public ulong At(ulong index) => Mix(Counter(index));

    /// <summary>What <see cref="At"/> mixes for the next index, from what it mixes for this one: an addition in place of a product.</summary>
    internal static ulong Next(ulong counter) => counter + Golden;

    /// <summary>What <see cref="At"/> mixes for an index.</summary>
    internal ulong Counter(ulong index) => Value + Golden * (index + 1);

    /// <summary>The hash of a counter.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
