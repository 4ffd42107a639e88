namespace SpikeEngine.Kernels;

/// <summary>Bits of binary spikes: row by row, one where a number is 1.</summary>
public readonly ref struct PackSpikeRows : ISimdKernel
{
    /// <summary>[rows, bits], rows <see cref="Stride"/> floats apart.</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>Floats from one row to the next.</summary>
    public required int Stride { get; init; }

    /// <summary>Numbers of a row.</summary>
    public required int Bits { get; init; }

    /// <summary>[rows][words]: overwritten.</summary>
    public required Span<ulong> Rows { get; init; }

    /// <summary>[1]: becomes 1 where a number is neither 0 nor 1; empty when they are known to be.</summary>
    public Span<int> Others { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int words = BitRows.Words(Bits);
        uint others = 0;
        for (int row = 0; row < Rows.Length / words; row++)
        {
            ReadOnlySpan<float> spikes = Spikes.Slice(row * Stride, Bits);
            for (int word = 0; word < words; word++)
            {
                int first = word * BitRows.WordBits, end = Math.Min(first + BitRows.WordBits, Bits), i = first;
                ulong bits = 0;
                for (; i <= end - L.Count; i += L.Count)
                    bits |= (ulong)Ones<L>(spikes, i, ref others) << (i - first);
                for (; i < end; i++)
                    bits |= (ulong)Ones<Lanes1>(spikes, i, ref others) << (i - first);
                Rows[row * words + word] = bits;
            }
        }

        if (others != 0 && !Others.IsEmpty)
            Others[0] = 1;
    }

    private static uint Ones<L>(ReadOnlySpan<float> spikes, int i, ref uint others)
        where L : struct, ILanes<L>
    {
        L x = L.Load(spikes, i);
        uint ones = L.Bits(L.Equal(x, L.One));
        others |= (ones | L.Bits(L.Equal(x, L.Zero))) ^ ((1u << L.Count) - 1);
        return ones;
    }
}
