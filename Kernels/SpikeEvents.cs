using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// The active inputs of one vector of integer spikes, sorted so that <see cref="SpikeMatVec"/> needs additions only:
/// by falling level |s|, and positive before negative within a level.
/// </summary>
/// <param name="capacity">Longest vector it can hold.</param>
/// <param name="levels">D, the largest |s|.</param>
public sealed class SpikeEvents(int capacity, int levels)
{
    private readonly int[] _indices = new int[capacity];
    private readonly sbyte[] _spikes = new sbyte[capacity];
    private readonly int[] _ends = new int[2 * levels];
    private int _count;

    /// <summary>D, the largest |s|.</summary>
    public int Levels => levels;

    /// <summary>Active inputs in order: their positions in the vector.</summary>
    public ReadOnlySpan<int> Indices => _indices.AsSpan(0, _count);

    /// <summary>[2 D] where each run ends: level D positive, level D negative, level D - 1 positive, ..., level 1 negative.</summary>
    public ReadOnlySpan<int> Ends => _ends;

    /// <summary>
    /// TI-LIF (SI-LIF) of a vector, kept as events: s = clamp(round_half_even(x / threshold), -D, D)
    /// (SpikingMamba, section on the neuron). NaN does not spike.
    /// </summary>
    /// <param name="x">Membrane potentials, at most the capacity.</param>
    /// <param name="threshold">V_th, above 0.</param>
    public void Fire(ReadOnlySpan<float> x, float threshold)
    {
        Debug.Assert(x.Length <= _spikes.Length, "more inputs than the capacity");
        Span<int> counts = stackalloc int[2 * levels];
        counts.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            // The division is the same as in training, so ties fall alike.
            float s = MathF.Round(x[i] / threshold);
            int spike = s > levels ? levels : s < -levels ? -levels : float.IsNaN(s) ? 0 : (int)s;
            _spikes[i] = (sbyte)spike;
            if (spike != 0)
                counts[Run(spike)]++;
        }

        Sort(counts, x.Length);
    }

    /// <summary>A counting sort: stable, so the order of additions is fixed.</summary>
    private void Sort(Span<int> counts, int length)
    {
        int start = 0;
        for (int run = 0; run < counts.Length; run++)
        {
            int count = counts[run];
            counts[run] = start;
            start += count;
            _ends[run] = start;
        }

        _count = start;
        for (int i = 0; i < length; i++)
        {
            if (_spikes[i] != 0)
                _indices[counts[Run(_spikes[i])]++] = i;
        }
    }

    private int Run(int spike) => spike > 0 ? 2 * (levels - spike) : 2 * (levels + spike) + 1;
}
