using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Integer spikes as <see cref="Int8DenseMatMul"/> reads them: s + D in a byte, [tile of rows][k / 4][rows][4]. What is beyond the
/// last input meets weights of 0.
/// </summary>
public readonly ref struct SpikeBytes : ISimdKernel
{
    /// <summary>Rows in a tile.</summary>
    public const int Rows = 6;

    /// <summary>[m, k], whole numbers in [-D, D].</summary>
    public required ReadOnlySpan<float> Spikes { get; init; }

    /// <summary>Length of a row.</summary>
    public required int K { get; init; }

    /// <summary>D.</summary>
    public required int Levels { get; init; }

    /// <summary>First tile.</summary>
    public required int Start { get; init; }

    /// <summary>End of the tiles.</summary>
    public required int End { get; init; }

    /// <summary>[tiles][k / 4][rows], four bytes each.</summary>
    public required Span<uint> Packed { get; init; }

    /// <summary>[4 * groups of k] bytes.</summary>
    public required Span<uint> Scratch { get; init; }

    /// <summary>Tiles of m rows.</summary>
    public static int Tiles(int m) => (m + Rows - 1) / Rows;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int groups = Int8Panels.Groups(K), m = Spikes.Length / K;
        Debug.Assert(Scratch.Length >= groups && Packed.Length >= End * groups * Rows);
        Span<uint> row = Scratch[..groups];
        row.Clear();
        Span<sbyte> bytes = MemoryMarshal.Cast<uint, sbyte>(row);
        for (int tile = Start; tile < End; tile++)
        {
            Span<uint> packed = Packed.Slice(tile * groups * Rows, groups * Rows);
            for (int r = 0; r < Rows; r++)
            {
                if (tile * Rows + r >= m)
                    row.Clear();
                else
                    Shift<Lanes1>(tile * Rows + r, bytes, Shift<L>(tile * Rows + r, bytes, 0));
                for (int group = 0; group < groups; group++)
                    packed[group * Rows + r] = row[group];
            }
        }
    }

    private int Shift<L>(int row, Span<sbyte> bytes, int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> spikes = Spikes.Slice(row * K, K);
        L levels = L.Splat(Levels);
        for (; i <= spikes.Length - L.Count; i += L.Count)
            L.StoreInt8(L.Load(spikes, i) + levels, bytes, i);
        return i;
    }
}
