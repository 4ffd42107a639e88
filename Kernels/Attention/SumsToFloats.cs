namespace SpikeEngine.Kernels;

/// <summary>What <see cref="SpikeMixing"/> sums up, as floats, a row for every query.</summary>
public readonly ref struct SumsToFloats : ISimdKernel
{
    /// <summary>[P][<see cref="Digits"/>][<see cref="RowWords"/>]</summary>
    public required ReadOnlySpan<ulong> Sums { get; init; }

    /// <summary>Digits of a sum.</summary>
    public required int Digits { get; init; }

    /// <summary>Words of a row of queries.</summary>
    public required int RowWords { get; init; }

    /// <summary>Number of queries.</summary>
    public required int Queries { get; init; }

    /// <summary>P</summary>
    public required int Channels { get; init; }

    /// <summary>[queries, P], overwritten; rows <see cref="Stride"/> floats apart.</summary>
    public required Span<float> O { get; init; }

    /// <summary>Floats from one query of O to the next.</summary>
    public required int Stride { get; init; }

    /// <summary>Room for 64 floats of each channel.</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int ofChannel = Digits * RowWords;
        for (int query = 0; query < Queries; query += BitRows.WordBits)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                new DigitsToFloats
                {
                    Planes = Sums[(channel * ofChannel + query / BitRows.WordBits)..], Stride = RowWords, Digits = Digits,
                    Numbers = Scratch.Slice(channel * BitRows.WordBits, BitRows.WordBits),
                }.Run<L>();
            }

            Transposed.Copy(Scratch, BitRows.WordBits, Math.Min(BitRows.WordBits, Queries - query), Channels, Stride, O[(query * Stride)..]);
        }
    }
}
