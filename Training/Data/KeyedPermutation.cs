using System.Numerics;
using SpikeEngine.Kernels;

namespace SpikeEngine.Training.Data;

/// <summary>
/// A pseudorandom order of the numbers [0, count) that takes no memory: the i-th is computed from i. A Feistel network permutes the
/// next power of four; a number beyond the count is permuted again until it falls within (cycle walking, Black and Rogaway 2002),
/// less than four times on average.
/// </summary>
public readonly struct KeyedPermutation
{
    // Four rounds make a pseudorandom permutation (Luby and Rackoff 1988); small domains ask for more.
    private const int Rounds = 8;

    private readonly RandomKey _key;
    private readonly int _halfBits;

    /// <summary>The order of a key.</summary>
    /// <param name="key">Chooses the order.</param>
    /// <param name="count">How many numbers, from 1 to 2^62.</param>
    public KeyedPermutation(RandomKey key, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1L << 62);
        (_key, Count) = (key, count);
        int bits = 64 - BitOperations.LeadingZeroCount((ulong)count - 1);
        _halfBits = Math.Max(1, (bits + 1) / 2);
    }

    /// <summary>How many numbers.</summary>
    public long Count { get; }

    /// <summary>The number at place <paramref name="index"/> of the order.</summary>
    public long At(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        ulong number = (ulong)index;
        do
        {
            number = Permute(number);
        }
        while (number >= (ulong)Count);
        return (long)number;
    }

    private ulong Permute(ulong number)
    {
        ulong mask = (1UL << _halfBits) - 1;
        ulong left = number >> _halfBits, right = number & mask;
        for (ulong round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ (_key.At((round << 32) | right) & mask));
        return (left << _halfBits) | right;
    }
}
