using System.Numerics;

namespace SpikeEngine.Kernels;

/// <summary>O = A V for one query: for each channel the number of keys that are both in the map and active.</summary>
public static class SpikeMixingOne
{
    /// <summary>Counts.</summary>
    /// <param name="map">[words]: the keys of the query.</param>
    /// <param name="values">[P][<paramref name="valueWords"/>]: keys of each channel.</param>
    /// <param name="valueWords">Words of a row of keys.</param>
    /// <param name="o">[P], overwritten.</param>
    public static void Run(ReadOnlySpan<ulong> map, ReadOnlySpan<ulong> values, int valueWords, Span<float> o)
    {
        for (int channel = 0; channel < o.Length; channel++)
        {
            ReadOnlySpan<ulong> row = values.Slice(channel * valueWords, map.Length);
            int count = 0;
            for (int word = 0; word < map.Length; word++)
                count += BitOperations.PopCount(map[word] & row[word]);
            o[channel] = count;
        }
    }
}
