using System.Numerics;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>Counts what attention does beside its neurons.</summary>
internal static class AttentionCounts
{
    /// <summary>Adds the spikes of maps, and the whole numbers that they make.</summary>
    /// <param name="spikes">Takes them.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="active">Spikes of the maps.</param>
    /// <param name="pairs">Places of the maps.</param>
    /// <param name="mixed">A V.</param>
    public static void Observe(SpikeStatistics spikes, int layer, long active, long pairs, ReadOnlySpan<float> mixed)
    {
        spikes.Add(layer, SpikeSite.Map, new SpikeCounts(pairs, active, Negative: 0, active));
        long numbers = 0, sum = 0, digits = 0;
        foreach (float number in mixed)
        {
            uint count = (uint)number;
            numbers += count == 0 ? 0 : 1;
            sum += count;
            digits += BitOperations.PopCount(count);
        }

        spikes.Add(layer, SpikeSite.Mixed, new SpikeCounts(mixed.Length, numbers, Negative: 0, sum));
        spikes.Add(layer, SpikeSite.MixedDigits, new SpikeCounts(mixed.Length, numbers, Negative: 0, digits));
    }
}
