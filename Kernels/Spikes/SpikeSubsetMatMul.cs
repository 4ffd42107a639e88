using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeEngine.Kernels;

/// <summary>
/// Y[m, n] = start + S[m, k] · B[k, n] for binary spikes S, by additions alone, where many inputs spike: of the rows of B that belong to four inputs, all sixteen
/// sums are made once, and every vector adds the one that its four bits name. That is an addition for four inputs, however many of them spike. The sums of 32 inputs
/// beside four registers of outputs are at most 32 KB, for a first-level cache, while all vectors pass; the tables are those of Arlazarov, Dinic, Kronrod and Faradžev (1970).
/// </summary>
/// <typeparam name="TWeight">Where the weights come from.</typeparam>
public readonly ref struct SpikeSubsetMatMul<TWeight> : ISimdKernel
    where TWeight : struct, IWeightBlocks, allows ref struct
{
    private const int Registers = 4;
    private const int Subsets = 1 << SpikeSubsetEncode.Group;
    private const int Groups = SpikeSubsetEncode.BlockInputs / SpikeSubsetEncode.Group;
    private const int VectorsTogether = 512;   // their sums shall stay in the second-level cache

    /// <summary>m</summary>
    public required int Vectors { get; init; }

    /// <summary>k</summary>
    public required int Inputs { get; init; }

    /// <summary>S, from <see cref="SpikeSubsetEncode"/>.</summary>
    public required ReadOnlySpan<uint> Codes { get; init; }

    /// <summary>B, [k, n], from the first column on.</summary>
    public required TWeight B { get; init; }

    /// <summary>Columns of B and Y.</summary>
    public required int N { get; init; }

    /// <summary>[m, n], from the first column on.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Distance between rows of Y.</summary>
    public required int YStride { get; init; }

    /// <summary>What the product is added to: [m, n] from the first column on, which may be Y, or one row for all; empty for nothing.</summary>
    public ReadOnlySpan<float> Start { get; init; }

    /// <summary>Distance between rows of <see cref="Start"/>; 0 for one row for all.</summary>
    public int StartStride { get; init; }

    /// <summary><see cref="ScratchLength"/> floats, best on a cache line.</summary>
    public required Span<float> Scratch { get; init; }

    /// <summary>Floats that the kernel needs for itself at the width in use: weights of a block, their sums, and sums of the vectors.</summary>
    public static int ScratchLength(int vectors) => Registers * Simd.Lanes * (SpikeSubsetEncode.Group + Groups * Subsets + Math.Min(vectors, VectorsTogether));

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int width = Registers * L.Count;
        for (int column = 0; column < N; column += width)
        {
            for (int first = 0; first < Vectors; first += VectorsTogether)
                Multiply<L>(column, Math.Min(width, N - column), first, Math.Min(VectorsTogether, Vectors - first));
        }
    }

    /// <summary>Some columns of some vectors.</summary>
    private void Multiply<L>(int column, int count, int first, int vectors)
        where L : struct, ILanes<L>
    {
        int width = Registers * L.Count, weights = SpikeSubsetEncode.Group * width, tables = Groups * Subsets * width;
        Span<float> tile = Scratch[..weights], table = Scratch.Slice(weights, tables), sums = Scratch.Slice(weights + tables, vectors * width);
        sums.Clear();
        if (!Start.IsEmpty)
        {
            for (int vector = 0; vector < vectors; vector++)
                Start.Slice((first + vector) * StartStride + column, count).CopyTo(sums[(vector * width)..]);
        }

        for (int block = 0, input = 0; input < Inputs; block++, input += SpikeSubsetEncode.BlockInputs)
        {
            for (int group = 0, row = input; group < Groups; group++, row += SpikeSubsetEncode.Group)
            {
                // Only as many rows as are summed at once: the first-level cache has no room for more beside the sums.
                Span<float> rows = tile[..(Math.Clamp(Inputs - row, 0, SpikeSubsetEncode.Group) * width)];
                if (!rows.IsEmpty)
                    B.Copy<L>(row, column, count, width, rows);
                tile[rows.Length..].Clear();
                MakeSums<L>(tile, table[(group * Subsets * width)..]);
            }

            Add<L>(Codes.Slice(block * Vectors + first, vectors), table, sums);
        }

        for (int vector = 0; vector < vectors; vector++)
            sums.Slice(vector * width, count).CopyTo(Y[((first + vector) * YStride + column)..]);
    }

    /// <summary>The sums of all subsets of four rows; bit i of a sum's number stands for row i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MakeSums<L>(ReadOnlySpan<float> rows, Span<float> table)
        where L : struct, ILanes<L>
    {
        int width = Registers * L.Count;
        for (int at = 0; at < width; at += L.Count)
        {
            L a = L.Load(rows, at), b = L.Load(rows, width + at), c = L.Load(rows, 2 * width + at), d = L.Load(rows, 3 * width + at);
            L ab = a + b, ac = a + c, bc = b + c, abc = ab + c;
            L.Store(L.Zero, table, at);
            L.Store(a, table, width + at);
            L.Store(b, table, 2 * width + at);
            L.Store(ab, table, 3 * width + at);
            L.Store(c, table, 4 * width + at);
            L.Store(ac, table, 5 * width + at);
            L.Store(bc, table, 6 * width + at);
            L.Store(abc, table, 7 * width + at);
            L.Store(d, table, 8 * width + at);
            L.Store(a + d, table, 9 * width + at);
            L.Store(b + d, table, 10 * width + at);
            L.Store(ab + d, table, 11 * width + at);
            L.Store(c + d, table, 12 * width + at);
            L.Store(ac + d, table, 13 * width + at);
            L.Store(bc + d, table, 14 * width + at);
            L.Store(abc + d, table, 15 * width + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<L>(ReadOnlySpan<uint> codes, ReadOnlySpan<float> table, Span<float> sums)
        where L : struct, ILanes<L>
    {
        int n = L.Count, width = Registers * n;
        for (int vector = 0; vector < codes.Length; vector++)
        {
            Span<float> y = sums.Slice(vector * width, width);
            L a = L.Load(y, 0), b = L.Load(y, n), c = L.Load(y, 2 * n), d = L.Load(y, 3 * n);
            uint code = codes[vector];
            AddSum(table, 0, code, ref a, ref b, ref c, ref d);
            AddSum(table, 1, code >> 4, ref a, ref b, ref c, ref d);
            AddSum(table, 2, code >> 8, ref a, ref b, ref c, ref d);
            AddSum(table, 3, code >> 12, ref a, ref b, ref c, ref d);
            AddSum(table, 4, code >> 16, ref a, ref b, ref c, ref d);
            AddSum(table, 5, code >> 20, ref a, ref b, ref c, ref d);
            AddSum(table, 6, code >> 24, ref a, ref b, ref c, ref d);
            AddSum(table, 7, code >> 28, ref a, ref b, ref c, ref d);
            L.Store(a, y, 0);
            L.Store(b, y, n);
            L.Store(c, y, 2 * n);
            L.Store(d, y, 3 * n);
        }
    }

    /// <summary>The sum of a group that the lowest four bits name.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSum<L>(ReadOnlySpan<float> table, int group, uint code, ref L a, ref L b, ref L c, ref L d)
        where L : struct, ILanes<L>
    {
        int n = L.Count, width = Registers * n;
        Debug.Assert((group + 1) * Subsets * width <= table.Length, "the group has no sums");
        nuint at = (nuint)(group * Subsets * width) + code % Subsets * (nuint)width;
        ReadOnlySpan<float> sum = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(table), at), width);
        L.AddFrom(ref a, sum, 0);
        L.AddFrom(ref b, sum, n);
        L.AddFrom(ref c, sum, 2 * n);
        L.AddFrom(ref d, sum, 3 * n);
    }
}
