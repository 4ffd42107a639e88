using System.Numerics.Tensors;

namespace SpikeEngine.Kernels;

/// <summary>
/// The active inputs of one vector of integer spikes, sorted so that <see cref="SpikeMatVec{TCode, T}"/> needs additions only:
/// by falling level |s|, and positive before negative within a level. In the other forms (<see cref="SpikeForm"/>) there is one level, in which an
/// input is met |s| times.
/// </summary>
public sealed class SpikeEvents
{
    private const int MostLevels = 127;   // a level and its sign fit into a byte

    private readonly ushort[] _indices;
    private readonly float[] _spikes;
    private readonly ushort[] _ends;
    private readonly SpikePlanes? _planes;

    /// <summary>Room for vectors of spikes.</summary>
    /// <param name="capacity">Longest vector it can hold, at most 65,535: a position has 16 bits.</param>
    /// <param name="levels">D, the largest |s|, at most 127.</param>
    /// <param name="form">
    /// How the spikes are given to a product. In the forms of D planes there are up to D times as many events, which must be at most 65,535 as well.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range, or the form is none.</exception>
    public SpikeEvents(int capacity, int levels, SpikeForm form = SpikeForm.OnePass)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(levels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, MostLevels);
        if (!Enum.IsDefined(form))
            throw new ArgumentOutOfRangeException(nameof(form), form, "There is no such form of spikes.");
        (Levels, Form) = (levels, form);
        _spikes = new float[capacity];
        if (form == SpikeForm.OnePass)
        {
            _indices = new ushort[OneBlock(capacity, levels).EventsLength];
            _ends = new ushort[2 * levels];
            return;
        }

        if ((long)capacity * levels > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity), capacity, $"{levels} planes of {capacity} inputs may have more than {ushort.MaxValue} events; use the form {SpikeForm.OnePass}.");
        }

        _planes = new SpikePlanes(capacity, levels, expands: form == SpikeForm.Expansion);
        _indices = new ushort[SpikePlanes.EventsLength(capacity, levels)];
        _ends = new ushort[2];
    }

    /// <summary>D, the largest |s|.</summary>
    public int Levels { get; }

    /// <summary>How the spikes are given to a product.</summary>
    public SpikeForm Form { get; }

    /// <summary>Levels that a product meets: D, or one in which inputs are met several times.</summary>
    public int LevelsMet => _ends.Length / 2;

    /// <summary>
    /// Additions that a product of these events makes for each output, counted over them in the order of <see cref="SpikeMatVec{TCode, T}"/>, undivided:
    /// weights, and a running sum per level if there are several. Bytes take as many, and some of zeros where a level does not come to a multiple of four.
    /// </summary>
    public long AddsPerOutput
    {
        get
        {
            long adds = 0;
            SpikeGroups groups = new(Indices, Ends, part: 0, parts: 1);
            while (groups.MoveNext())
                adds += groups.Count + (LevelsMet > 1 ? groups.LevelsEnded : 0);
            return adds;
        }
    }

    /// <summary>Longest vector it can hold.</summary>
    public int Capacity => _spikes.Length;

    /// <summary>Length of the vector.</summary>
    public int Length { get; private set; }

    /// <summary>Active inputs in order: their positions in the vector; in the forms of D planes, each |s| times.</summary>
    public ReadOnlySpan<ushort> Indices => _indices.AsSpan(0, _ends[^1]);

    /// <summary>
    /// [2 D] where each run ends: level D positive, level D negative, level D - 1 positive, ..., level 1 negative; in the forms of D planes [2], one level.
    /// </summary>
    public ReadOnlySpan<ushort> Ends => _ends;

    /// <summary>The spikes themselves, [length], for a product that multiplies.</summary>
    public ReadOnlyMemory<float> Spikes => _spikes.AsMemory(0, Length);

    /// <summary>
    /// TI-LIF (SI-LIF) of a vector, kept as events: s = clamp(round_half_even(x / threshold), -D, D)
    /// (SpikingMamba, section on the neuron). NaN does not spike.
    /// </summary>
    /// <param name="x">Membrane potentials, at most the capacity.</param>
    /// <param name="threshold">V_th, above 0.</param>
    /// <param name="hasSign">Whether counts reach down to -D; otherwise from 0 on (I-LIF).</param>
    /// <param name="sorts">Whether events are wanted; without, there are only <see cref="Spikes"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not a positive finite number.</exception>
    /// <exception cref="ArgumentException">The vector is longer than the capacity.</exception>
    public void Fire(ReadOnlySpan<float> x, float threshold, bool hasSign = true, bool sorts = true)
    {
        if (!(threshold > 0f && float.IsFinite(threshold)))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "The threshold must be a positive finite number.");
        Span<float> spikes = Room(x);
        Simd.Run(new TiLifForward { X = x, Threshold = threshold, Lowest = hasSign ? -Levels : 0, Highest = Levels, S = spikes });
        Simd.Run(new ZeroNaN { S = spikes });
        Encode(sorts);
    }

    /// <summary>The number of spikes in D steps of a binary neuron with x as its constant current, kept as events.</summary>
    /// <param name="x">Currents, at most the capacity.</param>
    /// <param name="unit">What they are divided by first: a threshold, when that of the neuron is 1.</param>
    /// <param name="neuron">The neuron.</param>
    /// <param name="sorts">As for TI-LIF.</param>
    /// <exception cref="ArgumentException">The vector is longer than the capacity.</exception>
    public void Fire(ReadOnlySpan<float> x, float unit, LifDynamics neuron, bool sorts = true)
    {
        Span<float> spikes = Room(x);
        TensorPrimitives.Divide(x, unit, spikes);
        Simd.Run(new LifCountForward { Neuron = neuron, Steps = Levels, X = spikes, S = spikes });
        Encode(sorts);
    }

    private Span<float> Room(ReadOnlySpan<float> x)
    {
        if (x.Length > Capacity)
            throw new ArgumentException($"x has {x.Length} elements; there is room for {Capacity}.", nameof(x));
        Length = x.Length;
        return _spikes.AsSpan(0, x.Length);
    }

    private void Encode(bool sorts)
    {
        if (!sorts)
        {
            Array.Clear(_ends);
            return;
        }

        if (_planes is not null)
        {
            ReadOnlySpan<float> spikes = _spikes.AsSpan(0, Length);
            if (Form == SpikeForm.Expansion)
                _planes.Expand(spikes);
            else
                _planes.Compare(spikes);
            _planes.Gather(_indices, _ends);
            return;
        }

        Simd.Run(new SpikeEncode
        {
            Blocks = OneBlock(Length, Levels), Spikes = _spikes.AsSpan(0, Length), Start = 0, End = 1, Events = _indices, Ends = _ends,
        });
    }

    private static SpikeBlocks OneBlock(int inputs, int levels) => new(Vectors: 1, inputs, levels, BlockLength: Math.Max(1, inputs));

    /// <summary>s = 0 where s is NaN. The neuron passes NaN on; kept, it would reach a product that multiplies, but not one that accumulates.</summary>
    private readonly ref struct ZeroNaN : ISimdKernel
    {
        /// <summary>[n]</summary>
        public required Span<float> S { get; init; }

        /// <inheritdoc/>
        public void Run<L>()
            where L : struct, ILanes<L> => Apply<Lanes1>(S, Apply<L>(S, 0));

        private static int Apply<L>(Span<float> spikes, int i)
            where L : struct, ILanes<L>
        {
            for (; i <= spikes.Length - L.Count; i += L.Count)
            {
                L s = L.Load(spikes, i);
                L.Store(L.Select(L.Equal(s, s), s, L.Zero), spikes, i);
            }

            return i;
        }
    }
}
