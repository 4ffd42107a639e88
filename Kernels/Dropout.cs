using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Which elements stay: element i is dropped when 32 random bits, those of the low or the high half of hash(key, i / 2), are
/// below <paramref name="Threshold"/>. Nothing but key and i counts, so the mask need not be stored.
/// </summary>
/// <param name="Key">The key of one call.</param>
/// <param name="Threshold">Share of dropped elements, times 2³².</param>
public readonly record struct DropoutMask(RandomKey Key, uint Threshold)
{
    /// <summary>Whether element <paramref name="index"/> stays.</summary>
    public bool Keeps(int index)
    {
        ulong bits = Key.At((ulong)index / 2);
        return (uint)(index % 2 == 0 ? bits : bits >> 32) >= Threshold;
    }

    /// <summary>factors[i] = Keeps(first + i) ? scale : 0</summary>
    /// <param name="first">First element, even.</param>
    /// <param name="scale">Factor of what stays.</param>
    /// <param name="factors">Any number.</param>
    internal void Fill(int first, float scale, Span<float> factors)
    {
        Debug.Assert(first % 2 == 0);
        ulong counter = Key.Counter((ulong)first / 2);
        int bitsOfScale = BitConverter.SingleToInt32Bits(scale);
        long threshold = Threshold;
        Span<int> to = MemoryMarshal.Cast<float, int>(factors);
        int i = 0;
        for (; i < to.Length - 1; i += 2)
        {
            // Without a branch, which would be mispredicted half of the time: the sign of the difference is the mask.
            ulong bits = RandomKey.Mix(counter);
            counter = RandomKey.Next(counter);
            to[i] = bitsOfScale & ~(int)(((uint)bits - threshold) >> 63);
            to[i + 1] = bitsOfScale & ~(int)(((long)(bits >> 32) - threshold) >> 63);
        }

        if (i < to.Length)
            factors[i] = Keeps(first + i) ? scale : 0f;
    }
}

/// <summary>y (+)= x * (the mask keeps the element ? scale : 0). The gradient is the same function of the upstream gradient.</summary>
public readonly ref struct ApplyDropout : ISimdKernel
{
    private const int Chunk = 512;   // factors made at a time: they stay in the first-level cache

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>The mask.</summary>
    public required DropoutMask Mask { get; init; }

    /// <summary>Number of the first element, even.</summary>
    public required int First { get; init; }

    /// <summary>Factor of what stays.</summary>
    public required float Scale { get; init; }

    /// <summary>Whether the old values of y stay in the sum.</summary>
    public required bool Accumulate { get; init; }

    /// <summary>[n]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    [SkipLocalsInit]   // the factors are written before they are read
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Span<float> room = stackalloc float[Chunk];
        for (int start = 0; start < X.Length; start += Chunk)
        {
            int count = Math.Min(Chunk, X.Length - start);
            Span<float> factors = room[..count], y = Y.Slice(start, count);
            Mask.Fill(First + start, Scale, factors);
            Apply<Lanes1>(X.Slice(start, count), factors, y, Apply<L>(X.Slice(start, count), factors, y, 0));
        }
    }

    private int Apply<L>(ReadOnlySpan<float> x, ReadOnlySpan<float> factors, Span<float> y, int i)
        where L : struct, ILanes<L>
    {
        bool accumulate = Accumulate;
        for (; i <= x.Length - L.Count; i += L.Count)
        {
            L product = L.Load(x, i) * L.Load(factors, i);
            L.Store(accumulate ? L.Load(y, i) + product : product, y, i);
        }

        return i;
    }
}
