using System.Numerics;
using System.Runtime.Intrinsics;

namespace SpikeEngine.Kernels;

/// <summary>
/// One vector of integer spikes as D planes of -1, 0 and 1, whose sum it is. A plane is two masks of bits: the inputs that spike upwards, and those
/// that spike downwards. Its events are all of one level, so that an input is in them |s| times.
/// </summary>
internal sealed class SpikePlanes
{
    private const int BytesOfWord = 8;

    private readonly int _levels;
    private readonly ulong[] _masks;        // [sign, plane, word] of the longest vector
    private readonly float[] _microSteps;   // [plane, input]; of an expansion only
    private readonly int _capacity;
    private int _words;

    /// <summary>Room for vectors.</summary>
    internal SpikePlanes(int capacity, int levels, bool expands)
    {
        (_capacity, _levels) = (capacity, levels);
        _masks = new ulong[2 * levels * SpikeMasks.Words(capacity)];
        _microSteps = expands ? new float[levels * capacity] : [];
    }

    /// <summary>Events of all planes together, at most, with what is written beyond the last.</summary>
    internal static int EventsLength(int capacity, int levels) => levels * capacity + Compaction.Width;

    /// <summary>The inputs that spike upwards in a plane, from 0 on, a bit each.</summary>
    internal ReadOnlySpan<ulong> Positive(int plane) => Mask(plane);

    /// <summary>The inputs that spike downwards in it.</summary>
    internal ReadOnlySpan<ulong> Negative(int plane) => Mask(_levels + plane);

    /// <summary>Plane k is the inputs with |s| above k.</summary>
    internal void Compare(ReadOnlySpan<float> spikes)
    {
        _words = SpikeMasks.Words(spikes.Length);
        for (int plane = 0; plane < _levels; plane++)
            Simd.Run(new SpikeMasks { S = spikes, Level = plane + 1, Positive = Mask(plane), Negative = Mask(_levels + plane) });
    }

    /// <summary>Plane k is what the neuron fires in micro-step k.</summary>
    internal void Expand(ReadOnlySpan<float> spikes)
    {
        _words = SpikeMasks.Words(spikes.Length);
        int n = spikes.Length;
        Span<float> fired = _microSteps.AsSpan(0, _levels * n);
        Simd.Run(new SpikeExpansion { S = spikes, Spikes = fired, Membrane = [] });
        for (int step = 0; step < _levels; step++)
            Simd.Run(new SpikeMasks { S = fired.Slice(step * n, n), Level = 1, Positive = Mask(step), Negative = Mask(_levels + step) });
    }

    /// <summary>The set bits of all planes as events: all positive ones plane by plane, then the negative ones.</summary>
    /// <param name="events">At least <see cref="EventsLength"/>.</param>
    /// <param name="ends">[2], where the positive ones end, and where the negative ones do.</param>
    internal void Gather(Span<ushort> events, Span<ushort> ends)
    {
        int count = 0;
        for (int sign = 0; sign < ends.Length; sign++)
        {
            for (int plane = 0; plane < _levels; plane++)
                count = Gather(Mask(sign * _levels + plane), events, count);
            ends[sign] = (ushort)count;
        }
    }

    private static int Gather(ReadOnlySpan<ulong> mask, Span<ushort> events, int count)
    {
        ReadOnlySpan<Vector128<byte>> table = Compaction.Table;
        for (int word = 0; word < mask.Length; word++)
        {
            // By bytes, of which those without a spike are passed over.
            ulong bits = mask[word];
            while (bits != 0)
            {
                int part = BitOperations.TrailingZeroCount(bits) / BytesOfWord;
                uint eight = (byte)(bits >> (part * Compaction.Width));
                var first = Vector128.Create((ushort)((word * BytesOfWord + part) * Compaction.Width));
                count = Compaction.Put(table, eight, Vector128<ushort>.Indices + first, events, count);
                bits &= ~((ulong)byte.MaxValue << (part * Compaction.Width));
            }
        }

        return count;
    }

    private Span<ulong> Mask(int at) => _masks.AsSpan(at * SpikeMasks.Words(_capacity), _words);
}
