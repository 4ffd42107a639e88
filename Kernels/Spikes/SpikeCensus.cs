using System.Numerics;

namespace SpikeEngine.Kernels;

/// <summary>Counts the spikes that are not 0, those that are no spikes: anything but a whole number in [-D, D], and those below 0.</summary>
public readonly ref struct SpikeCensus : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>D.</summary>
    public required int Levels { get; init; }

    /// <summary>[3], added to: active spikes, what is none, and what is below 0.</summary>
    public required Span<int> Counts { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L> => Count<Lanes1>(Count<L>(0));

    private int Count<L>(int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> spikes = Spikes;
        L limit = L.Splat(Levels + 0.5f);
        int silent = 0, valid = 0, negative = 0, start = i;
        for (; i <= spikes.Length - L.Count; i += L.Count)
        {
            // A NaN equals nothing and is below nothing.
            L s = L.Load(spikes, i);
            silent += BitOperations.PopCount(L.Bits(L.Equal(s, L.Zero)));
            negative += BitOperations.PopCount(L.Bits(L.LessThan(s, L.Zero)));
            valid += BitOperations.PopCount(L.Bits(L.Equal(s, L.Round(s))) & L.Bits(L.LessThan(L.Abs(s), limit)));
        }

        Counts[0] += i - start - silent;
        Counts[1] += i - start - valid;
        Counts[2] += negative;
        return i;
    }
}
