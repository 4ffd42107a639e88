using System.Numerics;

namespace SpikeEngine.Kernels;

/// <summary>Counts spikes: those that are not 0, those below 0, and Σ|s|.</summary>
public readonly ref struct SpikeTally : ISimdKernel
{
    /// <summary>As many spikes of up to 1,024 micro-steps have sums that single precision holds exactly, in any order.</summary>
    public const int MostSpikes = 16_384;

    /// <summary>[n], whole numbers; at most <see cref="MostSpikes"/>.</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>[3], added to: active, negative, Σ|s|.</summary>
    public required Span<long> Counts { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L> => Count<Lanes1>(Count<L>(0));

    private int Count<L>(int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> spikes = Spikes;
        L magnitude = L.Zero;
        int silent = 0, negative = 0, start = i;
        for (; i <= spikes.Length - L.Count; i += L.Count)
        {
            L s = L.Load(spikes, i);
            silent += BitOperations.PopCount(L.Bits(L.Equal(s, L.Zero)));
            negative += BitOperations.PopCount(L.Bits(L.LessThan(s, L.Zero)));
            magnitude += L.Abs(s);
        }

        Counts[0] += i - start - silent;
        Counts[1] += negative;
        Counts[2] += (long)L.Sum(magnitude);
        return i;
    }
}
