namespace SpikeEngine.Kernels;

/// <summary>Bits of binary spikes.</summary>
internal static class SpikeBitMatrix
{
    /// <summary>Rows and columns.</summary>
    internal const int Size = 64;

    /// <summary>Transposes 64 rows of 64 bits in place: halves change places, then halves of halves.</summary>
    internal static void Transpose(Span<ulong> rows)
    {
        ulong low = uint.MaxValue;
        for (int step = Size / 2; step > 0; step >>= 1, low ^= low << step)
        {
            for (int i = 0; i < Size; i = (i + step + 1) & ~step)
            {
                ulong change = ((rows[i] >> step) ^ rows[i + step]) & low;
                rows[i + step] ^= change;
                rows[i] ^= change << step;
            }
        }
    }
}

/// <summary>Which of some binary spikes are 1, as bits, and whether all are 0 or 1.</summary>
internal readonly ref struct SpikeBits : ISimdKernel
{
    /// <summary>[planes, n]</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>Planes.</summary>
    public required int Planes { get; init; }

    /// <summary>[planes, ceil(n / 64)], overwritten: the first spike in the lowest bit of the first word.</summary>
    public required Span<ulong> Bits { get; init; }

    /// <summary>[1], set if something is neither 0 nor 1.</summary>
    public required Span<bool> HasOther { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int n = Spikes.Length / Planes, words = (n + SpikeBitMatrix.Size - 1) / SpikeBitMatrix.Size;
        bool other = false;
        for (int plane = 0; plane < Planes; plane++)
        {
            ReadOnlySpan<float> spikes = Spikes.Slice(plane * n, n);
            Span<ulong> bits = Bits.Slice(plane * words, words);
            for (int word = 0; word < words; word++)
            {
                int start = word * SpikeBitMatrix.Size;
                ReadOnlySpan<float> part = spikes.Slice(start, Math.Min(SpikeBitMatrix.Size, n - start));
                ulong active = 0, known = 0;
                Compare<Lanes1>(part, Compare<L>(part, 0, ref active, ref known), ref active, ref known);
                bits[word] = active;
                other |= known != ulong.MaxValue >> (SpikeBitMatrix.Size - part.Length);
            }
        }

        HasOther[0] |= other;
    }

    private static int Compare<L>(ReadOnlySpan<float> spikes, int i, ref ulong active, ref ulong known)
        where L : struct, ILanes<L>
    {
        for (; i <= spikes.Length - L.Count; i += L.Count)
        {
            // A NaN equals nothing.
            L s = L.Load(spikes, i);
            ulong ones = (ulong)L.Bits(L.Equal(s, L.One)) << i;
            active |= ones;
            known |= ones | ((ulong)L.Bits(L.Equal(s, L.Zero)) << i);
        }

        return i;
    }
}
