namespace SpikeEngine.Kernels;

/// <summary>Binary spikes as bits, 32 inputs of a vector in a number: what <see cref="SpikeSubsetMatMul{TWeight}"/> looks sums up by, four bits at a time.</summary>
public readonly ref struct SpikeSubsetEncode : ISimdKernel
{
    /// <summary>Inputs whose weights are summed in all ways.</summary>
    public const int Group = 4;

    /// <summary>Inputs in a number.</summary>
    public const int BlockInputs = 32;

    /// <summary>Number of vectors.</summary>
    public required int Vectors { get; init; }

    /// <summary>Length of a vector.</summary>
    public required int Inputs { get; init; }

    /// <summary>[vectors, inputs], each 0 or 1.</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>First vector to encode.</summary>
    public required int Start { get; init; }

    /// <summary>End of the vectors to encode.</summary>
    public required int End { get; init; }

    /// <summary>[blocks, vectors], the first input in the lowest bit.</summary>
    public required Span<uint> Codes { get; init; }

    /// <summary>Numbers that the codes of some vectors take.</summary>
    public static int CodesLength(int vectors, int inputs) => checked(vectors * ((inputs + BlockInputs - 1) / BlockInputs));

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int vector = Start; vector < End; vector++)
        {
            ReadOnlySpan<float> spikes = Spikes.Slice(vector * Inputs, Inputs);
            for (int block = 0, input = 0; input < Inputs; block++, input += BlockInputs)
            {
                ReadOnlySpan<float> some = spikes[input..Math.Min(Inputs, input + BlockInputs)];
                uint code = 0;
                Encode<Lanes1>(some, Encode<L>(some, 0, ref code), ref code);
                Codes[block * Vectors + vector] = code;
            }
        }
    }

    private static int Encode<L>(ReadOnlySpan<float> spikes, int i, ref uint code)
        where L : struct, ILanes<L>
    {
        for (; i <= spikes.Length - L.Count; i += L.Count)
            code |= L.Bits(L.LessThan(L.Zero, L.Load(spikes, i))) << i;
        return i;
    }
}
