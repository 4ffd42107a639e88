using System.Runtime.InteropServices;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// Y (+)= S · B on all threads for integer spikes S, accumulate-only: the events of S are encoded once, and pieces of some columns
/// of B and Y are independent.
/// </summary>
internal static class SpikeProduct
{
    private const int CensusGrain = 65_536;
    private const int EncodeGrain = 16;   // vectors

    /// <summary>Number of spikes that are not 0.</summary>
    /// <exception cref="ArgumentException">One is no whole number in [-levels, levels].</exception>
    internal static long CountActive(Tensor spikes, int levels)
    {
        int[] counts = new int[2];
        for (int start = 0; start < spikes.Count; start += CensusGrain)
        {
            ReadOnlySpan<float> piece = spikes.Values[start..Math.Min(start + CensusGrain, spikes.Count)];
            Simd.Run(new SpikeCensus { Spikes = piece, Levels = levels, Counts = counts });
            if (counts[1] > 0)
                throw NoSpike(spikes, start, levels);
        }

        return counts[0];
    }

    /// <summary>Y[m, n] (+)= S[m, k] · B[k, n].</summary>
    /// <param name="blocks">Sizes of S.</param>
    /// <param name="spikes">S, [m, k].</param>
    /// <param name="n">Columns.</param>
    /// <param name="b">B.</param>
    /// <param name="y">[m, n]</param>
    /// <param name="accumulate">Whether Y's old values stay in the sum.</param>
    internal static void Run(SpikeBlocks blocks, ReadOnlyMemory<float> spikes, int n, MatrixView b, Memory<float> y, bool accumulate)
    {
        if (blocks.Vectors == 0 || n == 0)
            return;
        Encoded encoded = Encode(blocks, spikes, out Workspace.Mark mark);
        RowParallel.For(n, SpikeBlocks.Columns, (encoded, b, n, y, accumulate), static (s, start, end) =>
        {
            ReadOnlySpan<float> fromColumn = s.b.Memory.Span[(s.b.Layout.Transposed ? start * s.b.Layout.Stride : start)..];
            Multiply(s.encoded, new MatrixBlocks(fromColumn, s.b.Layout), s.n, s.y.Span[start..], end - start, s.accumulate);
        }, heavy: true);
        mark.Release();
    }

    /// <summary>Y[m, n] (+)= S[m, k] · B[k, n] with a stored weight, whose products are exact in <see cref="StorageType.Int8"/>.</summary>
    /// <param name="blocks">Sizes of S.</param>
    /// <param name="spikes">S, [m, k].</param>
    /// <param name="weight">Bᵀ.</param>
    /// <param name="bias">[n], added to every row; null for nothing.</param>
    /// <param name="y">[m, n], overwritten.</param>
    internal static void Run(SpikeBlocks blocks, ReadOnlyMemory<float> spikes, InputMajorWeight weight, Tensor? bias, Tensor y)
    {
        if (blocks.Vectors == 0 || weight.Outputs == 0)
            return;
        Encoded encoded = Encode(blocks, spikes, out Workspace.Mark mark);
        if (weight.Type == StorageType.Int8)
            MultiplyBytes(encoded, weight, bias, y);
        else
            StoredCodes.Run(weight.Type, new StoredProduct(encoded, weight, bias, y));
        mark.Release();
    }

    private static void MultiplyBytes(Encoded encoded, InputMajorWeight weight, Tensor? bias, Tensor y) =>
        RowParallel.For(weight.Outputs, Int8SpikeMatMul.Width, (encoded, weight, bias, y), static (s, start, end) => Simd.RunInteger(new Int8SpikeMatMul
        {
            Blocks = s.encoded.Blocks, Events = Numbers(s.encoded.Events), Ends = Numbers(s.encoded.Ends),
            Weight = s.weight.Codes<sbyte>()[start..], Stride = s.weight.Stride, Scales = s.weight.Scales[start..end],
            Bias = s.bias is null ? [] : s.bias.Values[start..end], Y = s.y.Values[start..], YStride = s.y.Columns,
            Scratch = ThreadScratch.Take(Int8SpikeMatMul.ScratchLength(s.encoded.Blocks)),
        }), heavy: true);

    /// <summary>In single precision, whatever the weight is stored as.</summary>
    private readonly record struct StoredProduct(Encoded Spikes, InputMajorWeight Weight, Tensor? Bias, Tensor Y) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct
        {
            if (Bias is not null)
                new ProductStart(Bias.ValueMemory, 0).CopyTo(Y.Values, Y.Columns);
            RowParallel.For(Weight.Outputs, SpikeBlocks.Columns, this, static (product, start, end) =>
            {
                CodeBlocks<TCode, T> fromColumn = new(product.Weight.Codes<T>()[start..], product.Weight.Stride);
                Multiply(product.Spikes, fromColumn, product.Y.Columns, product.Y.Values[start..], end - start, product.Bias is not null);
            }, heavy: true);
        }
    }

    private static void Multiply<TWeight>(Encoded encoded, TWeight fromColumn, int stride, Span<float> y, int columns, bool accumulate)
        where TWeight : struct, IWeightBlocks, allows ref struct => Simd.Run(new SpikeMatMul<TWeight>
        {
            Blocks = encoded.Blocks, Events = Numbers(encoded.Events), Ends = Numbers(encoded.Ends), B = fromColumn, N = columns,
            Y = y, YStride = stride, Accumulate = accumulate, Scratch = ThreadScratch.Take(encoded.Blocks.ScratchLength),
        });

    /// <summary>Notes where the spikes are, in memory that the mark gives back.</summary>
    internal static Encoded Encode(SpikeBlocks blocks, ReadOnlyMemory<float> spikes, out Workspace.Mark mark)
    {
        Encoded encoded = new(
            blocks, Workspace.RentTemporary(FloatsFor(blocks.EventsLength), out mark), Workspace.RentTemporary(FloatsFor(blocks.EndsLength), out _));
        RowParallel.For(blocks.Vectors, EncodeGrain, (encoded, spikes), static (s, start, end) => Simd.Run(new SpikeEncode
        {
            Blocks = s.encoded.Blocks, Spikes = s.spikes.Span, Start = start, End = end,
            Events = Numbers(s.encoded.Events), Ends = Numbers(s.encoded.Ends),
        }));
        return encoded;
    }

    /// <summary>Where the spikes of many vectors are.</summary>
    internal readonly record struct Encoded(SpikeBlocks Blocks, Memory<float> Events, Memory<float> Ends);

    private static int FloatsFor(int numbers) => (numbers + 1) / 2;

    private static Span<ushort> Numbers(Memory<float> memory) => MemoryMarshal.Cast<float, ushort>(memory.Span);

    private static ArgumentException NoSpike(Tensor spikes, int start, int levels)
    {
        int at = start;
        while (MathF.Round(spikes.Values[at]) == spikes.Values[at] && MathF.Abs(spikes.Values[at]) <= levels)
            at++;
        return new ArgumentException(
            $"The spikes {spikes.Shape} have {spikes.Values[at]} at {at}; they must be whole numbers from {-levels} to {levels}.", nameof(spikes));
    }
}
