using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight in bytes, laid out to be multiplied with integer spikes: every weight, in whole numbers, the fastest dense way that there is here. It
/// gives the bits of <see cref="InputMajorWeight.Accumulate"/>, so it is what adding has to be measured against. Immutable.
/// </summary>
public sealed class SpikeDotWeight
{
    private const int PiecesPerThread = 4;
    private const int SerialBytes = 1 << 19;   // of a weight for which a second thread costs more than it brings

    [ThreadStatic]
    private static uint[]? t_shifted;   // of the thread that asks, while others read it

    [ThreadStatic]
    private static int[]? t_sums;

    private readonly Memory<byte> _packed;
    private readonly int[] _columnSums;
    private readonly float[] _scales;

    private SpikeDotWeight(StoredTensor weight)
    {
        (Outputs, Inputs) = (weight.Rows, weight.RowLength);
        int panels = Int8DenseMatVec.Panels(Outputs);
        long bytes = panels * (long)Int8DenseMatVec.Columns * (Inputs + Int8Panels.Together);
        if (bytes > Array.MaxLength)
            throw new ArgumentException($"The weight is {weight}: with its outputs filled up to a multiple of {Int8DenseMatVec.Columns} it is too large.", nameof(weight));
        _packed = AlignedMemory.AllocateBytes(panels * Int8DenseMatVec.PanelBytes(Inputs));
        _packed.Span.Clear();
        Int8DenseMatVec.Pack(weight.Int8, Inputs, Codes);
        _columnSums = new int[panels * Int8DenseMatVec.Columns];
        for (int output = 0; output < Outputs; output++)
        {
            foreach (sbyte code in weight.Int8.Slice(output * Inputs, Inputs))
                _columnSums[output] += code;
        }

        _scales = weight.Scales.ToArray();
        GC.KeepAlive(weight);   // of a mapped file: a span does not keep it mapped
    }

    /// <summary>Length of a result.</summary>
    public int Outputs { get; }

    /// <summary>Length of an input.</summary>
    public int Inputs { get; }

    /// <summary>Bytes of the codes, scales and sums.</summary>
    public long Bytes => _packed.Length + _scales.Length * sizeof(float) + _columnSums.Length * sizeof(int);

    private Span<sbyte> Codes => MemoryMarshal.Cast<byte, sbyte>(_packed.Span);

    /// <summary>Lays out a weight.</summary>
    /// <param name="weight">[outputs, inputs] in <see cref="StorageType.Int8"/>.</param>
    /// <exception cref="ArgumentException">It has not two axes, is empty, is stored otherwise, or is too large once it is filled up.</exception>
    public static SpikeDotWeight From(StoredTensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight is { Type: StorageType.Int8, Shape: { Rank: 2, Count: > 0 } }
            ? new SpikeDotWeight(weight)
            : throw new ArgumentException($"The weight is {weight}: it must be {StorageType.Int8} [outputs, inputs].", nameof(weight));
    }

    /// <summary>y = W s</summary>
    /// <param name="spikes">[inputs], whole numbers in [-D, D].</param>
    /// <param name="levels">D, at most 8.</param>
    /// <param name="y">[outputs], overwritten.</param>
    /// <exception cref="ArgumentException">A length does not fit, or D is out of its range.</exception>
    public void Multiply(ReadOnlySpan<float> spikes, int levels, Memory<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(levels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(levels, Ops.MostLevelsInBytes);
        if (spikes.Length != Inputs || y.Length != Outputs)
            throw new ArgumentException($"The weight is [{Outputs}, {Inputs}]; the spikes have {spikes.Length} elements and y {y.Length}.");
        int groups = Int8Panels.Groups(Inputs);
        if (t_shifted is null || t_shifted.Length < groups)
            t_shifted = new uint[groups];
        if (t_sums is null || t_sums.Length < _columnSums.Length)
            t_sums = new int[_columnSums.Length];
        Int8DenseMatVec.Shift(spikes, levels, t_shifted.AsSpan(0, groups));

        // Panels are independent, so the bits depend on no number of pieces.
        int panels = Int8DenseMatVec.Panels(Outputs), pieces = _packed.Length <= SerialBytes || RowParallel.Threads == 1 ? 1 : PiecesPerThread * RowParallel.Threads;
        RowParallel.For(panels, (panels + pieces - 1) / pieces, (weight: this, shifted: t_shifted, sums: t_sums, groups, levels, y), static (s, first, end) =>
            s.weight.Run(s.shifted.AsSpan(0, s.groups), s.sums, s.levels, first, end, s.y.Span), heavy: true);
    }

    private void Run(ReadOnlySpan<uint> shifted, Span<int> sums, int levels, int firstPanel, int endPanel, Span<float> y)
    {
        int panelBytes = Int8DenseMatVec.PanelBytes(Inputs), first = firstPanel * Int8DenseMatVec.Columns, columns = (endPanel - firstPanel) * Int8DenseMatVec.Columns;
        Simd.RunInteger(new Int8DenseMatVec
        {
            Shifted = shifted, Levels = levels, Packed = Codes[(firstPanel * panelBytes)..(endPanel * panelBytes)],
            ColumnSums = _columnSums.AsSpan(first, columns), Scales = _scales.AsSpan(first), Sums = sums.Slice(first, columns),
            Y = y[first..Math.Min(Outputs, first + columns)],
        });
    }
}
