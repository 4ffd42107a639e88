using System.Diagnostics;

namespace SpikeEngine.Model;

/// <summary>A part of decoding one token, in order.</summary>
public enum DecodePart
{
    /// <summary>The block's norm.</summary>
    Norm,

    /// <summary>in_proj and the neurons in front of it.</summary>
    InProj,

    /// <summary>The convolution and the time step.</summary>
    Conv1d,

    /// <summary>The recurrence.</summary>
    Scan,

    /// <summary>The gate and its norm.</summary>
    GatedNorm,

    /// <summary>out_proj, the neurons in front of it, and the residual sum.</summary>
    OutProj,
}

/// <summary>
/// Measures where the time of decoding goes, layer by layer: a <see cref="DecoderSession"/> that has one notes the time after every part. Without one
/// nothing is measured.
/// </summary>
public sealed class DecodeClock
{
    private static readonly int s_parts = Enum.GetValues<DecodePart>().Length;

    private readonly long[] _ticks;
    private long _before;

    /// <summary>A clock for a model.</summary>
    /// <param name="layers">Number of layers.</param>
    public DecodeClock(int layers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        LayerCount = layers;
        _ticks = new long[layers * s_parts];
    }

    /// <summary>Number of layers.</summary>
    public int LayerCount { get; }

    /// <summary>Time in one part of a layer, of all tokens so far.</summary>
    public TimeSpan this[int layer, DecodePart part] => Stopwatch.GetElapsedTime(0, _ticks[layer * s_parts + (int)part]);

    /// <summary>Time in the last norm and the head.</summary>
    public TimeSpan Head => Stopwatch.GetElapsedTime(0, HeadTicks);

    /// <summary>Time in a whole layer.</summary>
    public TimeSpan Layer(int layer) => Stopwatch.GetElapsedTime(0, Sum(_ticks.AsSpan(layer * s_parts, s_parts)));

    /// <summary>Time in all layers and the head.</summary>
    public TimeSpan Total => Stopwatch.GetElapsedTime(0, Sum(_ticks) + HeadTicks);

    /// <summary>Time in both projections of all layers.</summary>
    public TimeSpan Projections
    {
        get
        {
            TimeSpan sum = TimeSpan.Zero;
            for (int layer = 0; layer < LayerCount; layer++)
                sum += this[layer, DecodePart.InProj] + this[layer, DecodePart.OutProj];
            return sum;
        }
    }

    private long HeadTicks { get; set; }

    /// <summary>From zero again.</summary>
    public void Clear()
    {
        Array.Clear(_ticks);
        HeadTicks = 0;
    }

    /// <summary>A token begins.</summary>
    internal void Start() => _before = Stopwatch.GetTimestamp();

    /// <summary>A part of a layer is done.</summary>
    internal void Note(int layer, DecodePart part) => _ticks[layer * s_parts + (int)part] += Lap();

    /// <summary>The head is done.</summary>
    internal void NoteHead() => HeadTicks += Lap();

    private long Lap()
    {
        long now = Stopwatch.GetTimestamp(), lap = now - _before;
        _before = now;
        return lap;
    }

    private static long Sum(ReadOnlySpan<long> ticks)
    {
        long sum = 0;
        foreach (long each in ticks)
            sum += each;
        return sum;
    }
}
