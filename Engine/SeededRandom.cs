using System.IO.Hashing;
using System.Text;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// Counter-based random numbers: the i-th number is a hash of (seed, stream, i), so a stream can be restarted anywhere
/// and no thread or order of calls can disturb another. Mixing function: SplitMix64.
/// </summary>
public sealed class SeededRandom
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly ulong _key;
    private ulong _counter;

    /// <summary>The stream called <paramref name="stream"/> of a seed.</summary>
    public SeededRandom(ulong seed, string stream)
        : this(Mix(seed + Golden) ^ XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(stream)))
    {
    }

    private SeededRandom(ulong key) => _key = key;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => Mix(_key + Golden * ++_counter);

    /// <summary>Uniform in [0, 1) with 24 random bits.</summary>
    public float NextFloat() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform in [0, bound).</summary>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)(((UInt128)NextUInt64() * (ulong)bound) >> 64);
    }

    /// <summary>Normal with mean 0 and deviation 1 (Box and Muller).</summary>
    public float NextNormal()
    {
        double u = 1.0 - (NextUInt64() >> 11) * (1.0 / (1UL << 53));
        double v = (NextUInt64() >> 11) * (1.0 / (1UL << 53));
        return (float)(Math.Sqrt(-2.0 * DoubleMath.Log(u)) * DoubleMath.CosOfTurns(v));
    }

    /// <summary>Puts the items in random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
