using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>Y (+)= S · B on all threads for integer spikes S, accumulate-only: pieces of some columns of B and Y are independent.</summary>
internal static class SpikeProduct
{
    private const int CensusGrain = 16_384;

    /// <summary>Looks at all spikes once.</summary>
    /// <exception cref="ArgumentException">One is no whole number in [-levels, levels].</exception>
    internal static CountedSpikes Count(Tensor spikes, int levels)
    {
        // Whole numbers: their sums are the same in any order.
        long[] counts = new long[3];
        RowParallel.For(spikes.Count, CensusGrain, (spikes, levels, counts), static (s, start, end) =>
        {
            Span<int> piece = [0, 0, 0];
            Simd.Run(new SpikeCensus { Spikes = s.spikes.Values[start..end], Levels = s.levels, Counts = piece });
            Interlocked.Add(ref s.counts[0], piece[0]);
            Interlocked.Add(ref s.counts[1], piece[1]);
            Interlocked.Add(ref s.counts[2], piece[2]);
        });
        return counts[1] == 0 ? new CountedSpikes(counts[0], HasNegative: counts[2] > 0) : throw NoSpike(spikes, levels);
    }

    /// <summary>Y[m, n] = start + S[m, k] · B[k, n].</summary>
    /// <param name="spikes">S.</param>
    /// <param name="n">Columns.</param>
    /// <param name="b">B.</param>
    /// <param name="y">[m, n], overwritten.</param>
    /// <param name="from">What the product is added to.</param>
    internal static void Run(EncodedSpikes spikes, int n, MatrixView b, Memory<float> y, ProductStart from) =>
        RowParallel.For(n, SpikeBlocks.Columns, (spikes, b, n, y, from), static (s, start, end) =>
        {
            ReadOnlySpan<float> fromColumn = s.b.Memory.Span[(s.b.Layout.Transposed ? start * s.b.Layout.Stride : start)..];
            Multiply(s.spikes, new MatrixBlocks(fromColumn, s.b.Layout), s.n, s.y.Span[start..], end - start, s.from.From(0, start), s.from.Stride);
        }, heavy: true);

    /// <summary>Y[m, n] = S[m, k] · B[k, n] with a stored weight, whose products are exact in <see cref="StorageType.Int8"/>.</summary>
    /// <param name="spikes">S.</param>
    /// <param name="weight">Bᵀ.</param>
    /// <param name="bias">[n], added to every row; null for nothing.</param>
    /// <param name="y">[m, n], overwritten.</param>
    internal static void Run(EncodedSpikes spikes, InputMajorWeight weight, Tensor? bias, Tensor y)
    {
        if (weight.Type == StorageType.Int8)
            MultiplyBytes(spikes, weight, bias, y);
        else
            StoredCodes.Run(weight.Type, new StoredProduct(spikes, weight, bias, y));
    }

    private static void MultiplyBytes(EncodedSpikes spikes, InputMajorWeight weight, Tensor? bias, Tensor y) =>
        RowParallel.For(weight.Outputs, Int8SpikeMatMul.Width, (spikes, weight, bias, y), static (s, start, end) => Simd.RunInteger(new Int8SpikeMatMul
        {
            Blocks = s.spikes.Blocks, Events = s.spikes.Events, Ends = s.spikes.Ends,
            Weight = s.weight.Codes<sbyte>()[start..], Stride = s.weight.Stride, Scales = s.weight.Scales[start..end],
            Bias = s.bias is null ? [] : s.bias.Values[start..end], Y = s.y.Values[start..], YStride = s.y.Columns,
            Scratch = ThreadScratch.Take(Int8SpikeMatMul.ScratchLength(s.spikes.Blocks)),
        }), heavy: true);

    /// <summary>In single precision, whatever the weight is stored as.</summary>
    private readonly record struct StoredProduct(EncodedSpikes Spikes, InputMajorWeight Weight, Tensor? Bias, Tensor Y) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct
        {
            RowParallel.For(Weight.Outputs, SpikeBlocks.Columns, this, static (product, start, end) =>
            {
                CodeBlocks<TCode, T> fromColumn = new(product.Weight.Codes<T>()[start..], product.Weight.Stride);
                ReadOnlySpan<float> from = product.Bias is null ? [] : product.Bias.Values[start..];
                Multiply(product.Spikes, fromColumn, product.Y.Columns, product.Y.Values[start..], end - start, from, startStride: 0);
            }, heavy: true);
        }
    }

    private static void Multiply<TWeight>(EncodedSpikes spikes, TWeight fromColumn, int stride, Span<float> y, int columns, ReadOnlySpan<float> start, int startStride)
        where TWeight : struct, IWeightBlocks, allows ref struct
    {
        if (spikes.Blocks.TakesSubsets)
        {
            Simd.Run(new SpikeSubsetMatMul<TWeight>
            {
                Vectors = spikes.Blocks.Vectors, Inputs = spikes.Blocks.Inputs, Codes = spikes.Codes, B = fromColumn, N = columns,
                Y = y, YStride = stride, Start = start, StartStride = startStride, Scratch = ThreadScratch.Take(SpikeSubsetMatMul<TWeight>.ScratchLength(spikes.Blocks.Vectors)),
            });
            return;
        }

        Simd.Run(new SpikeMatMul<TWeight>
        {
            Blocks = spikes.Blocks, Events = spikes.Events, Ends = spikes.Ends, B = fromColumn, N = columns,
            Y = y, YStride = stride, Start = start, StartStride = startStride, Scratch = ThreadScratch.Take(spikes.Blocks.ScratchLength),
        });
    }

    /// <summary>Names the first that is none, whichever thread came upon one.</summary>
    private static ArgumentException NoSpike(Tensor spikes, int levels)
    {
        int at = 0;
        while (MathF.Round(spikes.Values[at]) == spikes.Values[at] && MathF.Abs(spikes.Values[at]) <= levels)
            at++;
        return new ArgumentException(
            $"The spikes {spikes.Shape} have {spikes.Values[at]} at {at}; they must be whole numbers from {-levels} to {levels}.", nameof(spikes));
    }
}
