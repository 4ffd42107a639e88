using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Y = S · W + bias on all threads for integer spikes S and weights in bytes, every weight multiplied in whole numbers.</summary>
internal static class Int8Product
{
    private const int TileGrain = 4;      // of spikes, packed together
    private const int PanelBlock = 8;     // panels of weights in a piece: they stay in the second-level cache

    /// <summary>Y[m, n] = S[m, k] · W + bias; no size is 0.</summary>
    internal static void Run(Tensor spikes, int levels, InputMajorWeight weight, Tensor? bias, Tensor y)
    {
        int groups = Int8Panels.Groups(weight.Inputs), tiles = SpikeBytes.Tiles(spikes.Rows);
        Memory<float> packed = Workspace.RentTemporary(checked(tiles * SpikeBytes.Rows * groups), out Workspace.Mark mark);
        RowParallel.For(tiles, TileGrain, (spikes, levels, groups, packed), static (s, start, end) => Simd.Run(new SpikeBytes
        {
            Spikes = s.spikes, K = s.spikes.Columns, Levels = s.levels, Start = start, End = end,
            Packed = MemoryMarshal.Cast<float, uint>(s.packed.Span), Scratch = MemoryMarshal.Cast<float, uint>(ThreadScratch.Take(s.groups)),
        }));

        RowParallel.For(weight.Outputs, PanelBlock * Int8Panels.Width, (packed, levels, weight, bias, y), static (s, start, end) =>
        {
            int n = end - start, k = s.weight.Inputs, bytes = Int8Panels.Length(k, n);
            Span<float> scratch = ThreadScratch.Take(bytes / sizeof(float) + Int8Panels.PaddedColumns(n));
            Span<sbyte> panels = MemoryMarshal.Cast<float, sbyte>(scratch)[..bytes];
            Span<int> sums = MemoryMarshal.Cast<float, int>(scratch[(bytes / sizeof(float))..]);
            Simd.RunInteger(new Int8Panels
            {
                Weight = s.weight.Codes<sbyte>()[start..], Stride = s.weight.Stride, K = k, N = n, Packed = panels, ColumnSums = sums,
            });
            Simd.RunInteger(new Int8DenseMatMul
            {
                Spikes = MemoryMarshal.Cast<float, uint>(s.packed.Span), Packed = panels, ColumnSums = sums, Levels = s.levels, M = s.y.Rows, K = k,
                Scales = s.weight.Scales[start..end], Bias = s.bias is null ? [] : s.bias.Values[start..end],
                Y = s.y.Values[start..], YStride = s.y.Columns,
            });
        }, heavy: true);
        mark.Release();
    }
}
