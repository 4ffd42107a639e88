using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight in bytes by output, to be multiplied with integer spikes: every weight, in whole numbers, the fastest dense way that there is here. It
/// gives the bits of <see cref="InputMajorWeight.Accumulate"/>, so it is what adding has to be measured against. Immutable.
/// </summary>
public sealed class SpikeDotWeight
{
    private const int PiecesPerThread = 4;
    private const int SerialBytes = 1 << 19;   // of a weight for which a second thread costs more than it brings

    [ThreadStatic]
    private static sbyte[]? t_shifted;   // of the thread that asks, while others read it

    private readonly StoredTensor _weight;
    private readonly int[] _rowSums;

    private SpikeDotWeight(StoredTensor weight)
    {
        _weight = weight;
        _rowSums = new int[weight.Rows];
        ReadOnlySpan<sbyte> codes = weight.Int8;
        for (int row = 0; row < _rowSums.Length; row++)
        {
            foreach (sbyte code in codes.Slice(row * weight.RowLength, weight.RowLength))
                _rowSums[row] += code;
        }

        GC.KeepAlive(weight);   // of a mapped file: a span does not keep it mapped
    }

    /// <summary>Bytes of the codes, scales and sums.</summary>
    public long Bytes => _weight.Bytes + _rowSums.Length * sizeof(int);

    /// <summary>Prepares a weight; its codes are not copied.</summary>
    /// <param name="weight">[outputs, inputs] in <see cref="StorageType.Int8"/>.</param>
    /// <exception cref="ArgumentException">It has not two axes, is empty, or is stored otherwise.</exception>
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
        if (spikes.Length != _weight.RowLength || y.Length != _weight.Rows)
            throw new ArgumentException($"The weight is {_weight.Shape}; the spikes have {spikes.Length} elements and y {y.Length}.");
        int room = spikes.Length + Int8SpikeDots.TailLength;
        if (t_shifted is null || t_shifted.Length < room)
            t_shifted = new sbyte[room];
        Int8SpikeDots.Shift(spikes, levels, t_shifted);

        // Outputs are independent, so the bits depend on no number of pieces.
        int pieces = _weight.Bytes <= SerialBytes ? 1 : PiecesPerThread * RowParallel.Threads;
        int grain = (_weight.Rows + pieces - 1) / pieces;
        RowParallel.For(_weight.Rows, grain, (weight: this, shifted: t_shifted, levels, y), static (s, first, end) =>
            s.weight.Run(s.shifted, s.levels, first, s.y.Span[first..end]), heavy: true);
    }

    private void Run(ReadOnlySpan<sbyte> shifted, int levels, int first, Span<float> y)
    {
        int inputs = _weight.RowLength;
        Simd.RunInteger(new Int8SpikeDots
        {
            Shifted = shifted, Levels = levels, Weight = _weight.Int8.Slice(first * inputs, y.Length * inputs),
            RowSums = _rowSums.AsSpan(first), Scales = _weight.Scales[first..], N = inputs, Y = y,
        });
        GC.KeepAlive(_weight);
    }
}
