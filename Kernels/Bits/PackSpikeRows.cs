namespace SpikeEngine.Kernels;

/// <summary>Bits of binary spikes: row by row, one where a number is greater than 0.5.</summary>
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

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int words = BitRows.Words(Bits);
        for (int row = 0; row < Rows.Length / words; row++)
        {
            ReadOnlySpan<float> spikes = Spikes.Slice(row * Stride, Bits);
            for (int word = 0; word < words; word++)
            {
                int first = word * BitRows.WordBits, end = Math.Min(first + BitRows.WordBits, Bits), i = first;
                ulong bits = 0;
                for (; i <= end - L.Count; i += L.Count)
                    bits |= (ulong)L.Bits(L.LessThan(L.Splat(0.5f), L.Load(spikes, i))) << (i - first);
                for (; i < end; i++)
                    bits |= (spikes[i] > 0.5f ? 1UL : 0UL) << (i - first);
                Rows[row * words + word] = bits;
            }
        }
    }
}
