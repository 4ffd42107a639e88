using System.IO.Hashing;
using System.Text;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// Counter-based random numbers: the i-th number is a hash of (seed, stream, i), so a stream can be restarted anywhere
/// and no thread or order of calls can disturb another. <see cref="RandomKey"/> is the form without a state.
/// </summary>
public sealed class SeededRandom
{
    private readonly RandomKey _key;

    /// <summary>The stream called <paramref name="stream"/> of a seed.</summary>
    public SeededRandom(ulong seed, string stream) =>
        _key = new RandomKey(new RandomKey(seed).At(0) ^ XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(stream)));

    /// <summary>How many numbers have been taken. Setting it goes on from there: a resumed run, or the same numbers again.</summary>
    public ulong Position { get; set; }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => _key.At(Position++);

    /// <summary>Takes one number as the key of as many others as are wanted, which may be asked for in any order and on any thread.</summary>
    public RandomKey NextKey() => new(NextUInt64());

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
}
