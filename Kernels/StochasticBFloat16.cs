using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// y = x as bfloat16, the one above (in magnitude) with a probability of how far x is on the way to it, and else the one
/// below: the mean of many is x, so that what is much smaller than a step of bfloat16 is not lost when it is added often.
/// </summary>
public static class StochasticBFloat16
{
    /// <summary>Of one number. Infinities stay, NaNs stay and are quiet.</summary>
    /// <param name="value">Any number.</param>
    /// <param name="random">16 random bits.</param>
    public static ushort Encode(float value, ushort random) => float.IsNaN(value)
        ? BFloat16Bits.FromSingle(value)
        : (ushort)((BitConverter.SingleToUInt32Bits(value) + random) >> BFloat16Bits.Shift);   // an infinity has no lower bits that could carry
}

/// <summary>y[i] = x[i], rounded by 16 of the bits of hash(key, (first + i) / 4), the lowest for the first of four.</summary>
public readonly ref struct StochasticBFloat16Encode : ISimdKernel
{
    private const int PartsOfHash = sizeof(ulong) / sizeof(ushort);
    private const int Chunk = 512;   // numbers whose random bits are made at a time: they stay in the first-level cache

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>The key of the random bits.</summary>
    public required RandomKey Noise { get; init; }

    /// <summary>Number of the first element, a multiple of 4.</summary>
    public required int First { get; init; }

    /// <summary>[n] bfloat16</summary>
    public required Span<ushort> Y { get; init; }

    /// <inheritdoc/>
    [SkipLocalsInit]   // the random bits are written before they are read
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length == Y.Length && First % PartsOfHash == 0);
        Span<ulong> hashes = stackalloc ulong[Chunk / PartsOfHash];
        ReadOnlySpan<ushort> random = MemoryMarshal.Cast<ulong, ushort>(hashes);
        ulong counter = Noise.Counter((ulong)First / PartsOfHash);
        for (int start = 0; start < X.Length; start += Chunk)
        {
            int count = Math.Min(Chunk, X.Length - start);
            foreach (ref ulong hash in hashes[..((count + PartsOfHash - 1) / PartsOfHash)])
            {
                hash = RandomKey.Mix(counter);
                counter = RandomKey.Next(counter);
            }

            ReadOnlySpan<float> x = X.Slice(start, count);
            Span<ushort> y = Y.Slice(start, count);
            Apply<Lanes1>(x, random, y, Apply<L>(x, random, y, 0));
        }
    }

    private static int Apply<L>(ReadOnlySpan<float> x, ReadOnlySpan<ushort> random, Span<ushort> y, int i)
        where L : struct, ILanes<L>
    {
        for (; i <= x.Length - L.Count; i += L.Count)
            L.StoreBFloat16(L.Load(x, i), random, y, i);
        return i;
    }
}
