using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// The active inputs of one vector of integer spikes, sorted so that <see cref="SpikeMatVec{TCode, T}"/> needs additions only:
/// by falling level |s|, and positive before negative within a level.
/// </summary>
public sealed class SpikeEvents
{
    private readonly ushort[] _indices;
    private readonly float[] _spikes;
    private readonly ushort[] _ends;

    /// <summary>Room for vectors of spikes.</summary>
    /// <param name="capacity">Longest vector it can hold, at most 65,535: a position has 16 bits.</param>
    /// <param name="levels">D, the largest |s|.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public SpikeEvents(int capacity, int levels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(levels);
        _indices = new ushort[OneBlock(capacity, levels).EventsLength];
        _spikes = new float[capacity];
        _ends = new ushort[2 * levels];
    }

    /// <summary>D, the largest |s|.</summary>
    public int Levels => _ends.Length / 2;

    /// <summary>Longest vector it can hold.</summary>
    public int Capacity => _spikes.Length;

    /// <summary>Length of the vector.</summary>
    public int Length { get; private set; }

    /// <summary>Active inputs in order: their positions in the vector.</summary>
    public ReadOnlySpan<ushort> Indices => _indices.AsSpan(0, _ends[^1]);

    /// <summary>[2 D] where each run ends: level D positive, level D negative, level D - 1 positive, ..., level 1 negative.</summary>
    public ReadOnlySpan<ushort> Ends => _ends;

    /// <summary>The spikes themselves, [length], for a product that multiplies.</summary>
    public ReadOnlyMemory<float> Spikes => _spikes.AsMemory(0, Length);

    /// <summary>
    /// TI-LIF (SI-LIF) of a vector, kept as events: s = clamp(round_half_even(x / threshold), -D, D)
    /// (SpikingMamba, section on the neuron). NaN does not spike.
    /// </summary>
    /// <param name="x">Membrane potentials, at most the capacity.</param>
    /// <param name="threshold">V_th, above 0.</param>
    public void Fire(ReadOnlySpan<float> x, float threshold)
    {
        Debug.Assert(x.Length <= _spikes.Length, "more inputs than the capacity");
        Length = x.Length;
        Span<float> spikes = _spikes.AsSpan(0, x.Length);
        Simd.Run(new TiLifForward { X = x, Threshold = threshold, Lowest = -Levels, Highest = Levels, S = spikes });
        Simd.Run(new SpikeEncode { Blocks = OneBlock(x.Length, Levels), Spikes = spikes, Start = 0, End = 1, Events = _indices, Ends = _ends });
    }

    private static SpikeBlocks OneBlock(int inputs, int levels) => new(Vectors: 1, inputs, levels, BlockLength: Math.Max(1, inputs));
}
