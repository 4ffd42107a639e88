using System.Numerics.Tensors;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// One vector times a weight by input. Threads share the inputs rather than the outputs: each of them passes through memory of its own in whole
/// rows, which processors foresee, where halves of rows made two threads slower than one. What the halves of the inputs give is added in the
/// end; where that is rounded, there are two of them for a large weight and one for a small one, whatever the number of threads, so the bits do not depend on
/// it. More threads share the outputs as well.
/// </summary>
internal static class InputMajorProduct
{
    private const int Halves = 2;
    private const int SerialWeights = 1 << 19;   // below as many weights a second thread costs more than it brings
    private const int FewestColumns = 256;
    private const int MostColumns = 8_192;       // of y, which shall stay in the first-level cache
    private const int Together = 64;             // outputs that no piece divides

    [ThreadStatic]
    private static Memory<float> t_second;   // what the second half gives, of the thread that asks

    /// <summary>y = W x: every weight multiplied and added.</summary>
    internal static void Multiply(InputMajorWeight weight, ReadOnlyMemory<float> x, Memory<float> y) => Run(weight, y, new Product(x));

    /// <summary>y = W s: the weights of active inputs added or subtracted, each once.</summary>
    internal static void Accumulate(InputMajorWeight weight, SpikeEvents events, Memory<float> y) => Run(weight, y, new Accumulation(events, SumsAreExact(weight, events)));

    /// <summary>Whether no sum of bytes can leave the whole numbers that a float has.</summary>
    private static bool SumsAreExact(InputMajorWeight weight, SpikeEvents events) =>
        weight.Type == StorageType.Int8 && (long)weight.Inputs * events.Levels * -sbyte.MinValue <= 1 << 24;

    private static void Run<TWork>(InputMajorWeight weight, Memory<float> y, TWork work)
        where TWork : struct, IWork
    {
        bool isSmall = work.Weights(weight) < SerialWeights || (work.IsExact && RowParallel.Threads == 1);
        int halves = isSmall ? 1 : Halves, columns = isSmall ? MostColumns : Columns(weight.Outputs);
        int across = Math.Max(1, (weight.Outputs + columns - 1) / columns);
        if (halves > 1 && t_second.Length < weight.Outputs)
            t_second = AlignedMemory.Allocate(weight.Outputs);
        RowParallel.For(halves * across, grain: 1, (weight, y, second: t_second, work, halves, across, columns), static (s, piece, end) =>
        {
            for (; piece < end; piece++)
            {
                int half = piece / s.across, first = piece % s.across * s.columns, last = Math.Min(first + s.columns, s.weight.Outputs);
                s.work.Run(s.weight, half, s.halves, first, (half == 0 ? s.y : s.second).Span[first..last]);
            }
        }, heavy: true);
        Span<float> sums = y.Span;
        if (halves > 1)
            TensorPrimitives.Add(sums, t_second.Span[..sums.Length], sums);
        if (!weight.Scales.IsEmpty)
            TensorPrimitives.Multiply(sums, weight.Scales, sums);
    }

    /// <summary>Outputs of a piece, so that there are as many pieces as threads.</summary>
    private static int Columns(int outputs)
    {
        int across = (RowParallel.Threads + Halves - 1) / Halves;
        return Math.Clamp((outputs / across + Together - 1) / Together * Together, FewestColumns, MostColumns);
    }

    /// <summary>A product, a piece at a time.</summary>
    private interface IWork
    {
        /// <summary>Weights that it visits.</summary>
        long Weights(InputMajorWeight weight);

        /// <summary>Whether sums are whole numbers, so that halves give the bits of the whole.</summary>
        bool IsExact { get; }

        /// <summary>What a half of the inputs adds to some outputs, without the scales.</summary>
        void Run(InputMajorWeight weight, int half, int halves, int firstOutput, Span<float> y);
    }

    private readonly record struct Product(ReadOnlyMemory<float> X) : IWork
    {
        public bool IsExact => false;

        public long Weights(InputMajorWeight weight) => (long)weight.Inputs * weight.Outputs;

        public void Run(InputMajorWeight weight, int half, int halves, int firstOutput, Span<float> y)
        {
            int first = weight.Inputs * half / halves, end = weight.Inputs * (half + 1) / halves;
            StoredCodes.Run(weight.Type, new MultiplyRows(weight, X.Span[first..end], first * weight.Stride + firstOutput, y));
        }
    }

    private readonly record struct Accumulation(SpikeEvents Events, bool IsExact) : IWork
    {
        public long Weights(InputMajorWeight weight) => (long)(IsExact ? Events.Indices.Length : weight.Inputs) * weight.Outputs;

        public void Run(InputMajorWeight weight, int half, int halves, int firstOutput, Span<float> y)
        {
            if (weight.Type != StorageType.Int8)
            {
                StoredCodes.Run(weight.Type, new AddRows(weight, Events, half, halves, firstOutput, y));
                return;
            }

            Simd.RunInteger(new Int8SpikeMatVec
            {
                Weight = weight.Codes<sbyte>()[firstOutput..], Inputs = weight.Inputs, Stride = weight.Stride, Indices = Events.Indices, Ends = Events.Ends,
                Part = half, Parts = halves, Scratch = ThreadScratch.Take(Int8SpikeMatVec.ScratchLength(y.Length)), Y = y,
            });
        }
    }

    private readonly ref struct MultiplyRows(InputMajorWeight weight, ReadOnlySpan<float> x, int firstCode, Span<float> y) : IStoredAction
    {
        private readonly ReadOnlySpan<float> _x = x;
        private readonly Span<float> _y = y;

        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct =>
            Simd.Run(new MatVec<TCode, T> { Weight = weight.Codes<T>()[firstCode..], Stride = weight.Stride, X = _x, Y = _y });
    }

    private readonly ref struct AddRows(InputMajorWeight weight, SpikeEvents events, int part, int parts, int firstOutput, Span<float> y) : IStoredAction
    {
        private readonly Span<float> _y = y;

        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct => Simd.Run(new SpikeMatVec<TCode, T>
            {
                Weight = weight.Codes<T>()[firstOutput..], Stride = weight.Stride, Indices = events.Indices, Ends = events.Ends, Part = part, Parts = parts,
                Running = events.LevelsMet > 1 ? ThreadScratch.Take(_y.Length) : [], Y = _y,
            });
    }
}
