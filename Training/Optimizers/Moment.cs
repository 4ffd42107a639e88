using SpikeEngine.Kernels;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>
/// A running mean of a parameter's elements: floats, or bfloat16 that are read exactly and written with random rounding.
/// Its random bits are a hash of (seed, step, path, element): threads, order and a resume change nothing.
/// </summary>
internal sealed class Moment
{
    /// <summary>Elements to work on at a time: what is decoded stays in the first-level cache.</summary>
    public const int Chunk = 1_024;

    private readonly string _name;
    private readonly Shape _shape;
    private readonly Memory<float> _floats;
    private readonly ushort[]? _codes;
    private readonly ulong _stream;

    /// <summary>Zeros.</summary>
    /// <param name="name">In a checkpoint, as in <c>m.backbone.embedding.weight</c>.</param>
    /// <param name="shape">That of the parameter.</param>
    /// <param name="type">How it is stored.</param>
    public Moment(string name, Shape shape, MomentType type)
    {
        (_name, _shape) = (name, shape);
        _stream = new SeededRandom(0, name).NextUInt64();
        if (type == MomentType.BFloat16)
            _codes = new ushort[shape.Count];
        else
            _floats = AlignedMemory.Allocate(shape.Count);
    }

    /// <summary>A copy.</summary>
    public float[] ToArray() => _codes is null ? _floats.ToArray() : Array.ConvertAll(_codes, BFloat16Bits.ToSingle);

    /// <summary>Some elements, to be changed and then handed to <see cref="Put"/>.</summary>
    /// <param name="start">The first.</param>
    /// <param name="room">As long as there are elements; holds them if they are not stored as floats.</param>
    public Span<float> Take(int start, Span<float> room)
    {
        if (_codes is null)
            return _floats.Span.Slice(start, room.Length);
        Simd.Run(new BFloat16Decode { X = _codes.AsSpan(start, room.Length), Y = room });
        return room;
    }

    /// <summary>Stores what <see cref="Take"/> gave.</summary>
    /// <param name="values">The changed elements.</param>
    /// <param name="start">The first; a multiple of 4.</param>
    /// <param name="noise">The random bits of this step.</param>
    public void Put(ReadOnlySpan<float> values, int start, RandomKey noise)
    {
        if (_codes is not null)
            Simd.Run(new StochasticBFloat16Encode { X = values, Noise = noise, First = start, Y = _codes.AsSpan(start, values.Length) });
    }

    /// <summary>The random bits of a step.</summary>
    /// <param name="seed">Of the run.</param>
    /// <param name="step">Number of the step.</param>
    public RandomKey Noise(ulong seed, long step) => new(new RandomKey(seed ^ _stream).At((ulong)step));

    /// <summary>Saves or restores it.</summary>
    /// <param name="state">Which of them.</param>
    public void Visit(IStateVisitor state)
    {
        if (_codes is null)
            state.Floats(_name, _shape.Dims, _floats);
        else
            state.Halves(_name, _shape.Dims, _codes);
    }
}
