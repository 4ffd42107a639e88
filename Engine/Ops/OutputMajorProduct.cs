using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>y = start + x Wᵀ with a weight as it is stored, by output.</summary>
internal static class OutputMajorProduct
{
    private const int MostDotRows = 4;           // of x, up to which dot products beat a packed tile, most of whose rows would be empty
    private const int PiecesPerThread = 4;       // the longer a piece, the longer its streams of memory; but a thread may be held up
    private const int SerialBytes = 1 << 17;     // of a weight for which a second thread costs more than it brings

    [ThreadStatic]
    private static RoundedVector? t_rounded;   // of the thread that asks, while others read it

    /// <summary>The product, for any number of rows of x.</summary>
    internal static void Run(Tensor x, StoredTensor weight, Tensor y, ProductStart start)
    {
        if (x.Rows <= MostDotRows)
        {
            FewRows(weight, x.ValueMemory, rounded: null, y.ValueMemory, start.Memory, start.Stride);
            return;
        }

        Memory<float> packedX = Workspace.RentTemporary(PackRows.Length(x.Rows, x.Columns), out Workspace.Mark mark);
        MatrixProduct.PackLeft(x.Matrix(x.Columns), x.Rows, x.Columns, packedX);
        RowParallel.For(weight.Rows, MatrixProduct.ColumnGrain, (packedX, weight, y, start), static (s, first, end) =>
            Tiles(s.packedX.Span, s.weight, first, end - first, s.y, s.start), heavy: true);
        mark.Release();
        GC.KeepAlive(weight);   // of a mapped file: a span does not keep it mapped
    }

    /// <summary>
    /// One vector, for decoding. For bytes x is rounded to 16 bits (<see cref="RoundedVector"/>), far below what rounding the weight to bytes has cost.
    /// </summary>
    internal static void Vector(StoredTensor weight, ReadOnlyMemory<float> x, Memory<float> y, ReadOnlyMemory<float> start)
    {
        RoundedVector? rounded = null;
        if (weight.Type == StorageType.Int8)
        {
            rounded = t_rounded ??= new RoundedVector();
            rounded.Round(x.Span, weight.RowLength);
        }

        FewRows(weight, x, rounded, y, start, startStride: 0);
    }

    /// <summary>By dot products: each row of the weight is read once, and meets all rows of x while it is in the cache.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="x">[rows, inputs]</param>
    /// <param name="rounded">x in 16 bits, to be multiplied with bytes in its place; or null.</param>
    /// <param name="y">[rows, outputs]</param>
    /// <param name="start">What y starts from, or empty.</param>
    /// <param name="startStride">Distance between the starts of neighbouring rows.</param>
    private static void FewRows(
        StoredTensor weight, ReadOnlyMemory<float> x, RoundedVector? rounded, Memory<float> y, ReadOnlyMemory<float> start, int startStride)
    {
        // Outputs are independent, so the bits depend on no number of pieces.
        int pieces = weight.Bytes <= SerialBytes || RowParallel.Threads == 1 ? 1 : PiecesPerThread * RowParallel.Threads;
        int grain = Math.Max(1, (weight.Rows + pieces - 1) / pieces);
        RowParallel.For(weight.Rows, grain, (weight, x, rounded, y, start, startStride), static (s, first, end) =>
        {
            if (s.rounded is null)
                StoredCodes.Run(s.weight.Type, new Dots(s.weight, s.x, s.y, s.start, s.startStride, first, end - first));
            else
                ByteDots(s.weight, s.rounded, s.x.Length / s.weight.RowLength, s.y, s.start, s.startStride, first, end - first);
        }, heavy: true);
        GC.KeepAlive(weight);
    }

    private static void ByteDots(
        StoredTensor weight, RoundedVector x, int rows, Memory<float> y, ReadOnlyMemory<float> start, int startStride, int first, int count)
    {
        int inputs = weight.RowLength;
        Simd.RunInteger(new Int8Dots
        {
            X = x.Codes, XScales = x.Scales, Rows = rows, Weight = weight.Int8.Slice(first * inputs, count * inputs), Scales = weight.Scales[first..], N = inputs,
            Start = start.IsEmpty ? [] : start.Span[first..], StartStride = startStride, Y = y.Span[first..], YStride = weight.Rows,
        });
    }

    /// <summary>y[:, first..] for some rows of W, in tiles of the matrix product.</summary>
    private static void Tiles(ReadOnlySpan<float> packedX, StoredTensor weight, int first, int count, Tensor y, ProductStart start)
    {
        int inputs = weight.RowLength, packedLength = PackPanels.Length(inputs, count);
        bool decodes = weight.Type != StorageType.Float32;
        Span<float> scratch = ThreadScratch.Take(packedLength + (decodes ? count * inputs : 0));
        Span<float> packed = scratch[..packedLength];
        if (decodes)
            weight.DecodeRows(first, count, scratch[packedLength..]);
        Simd.Run(new PackPanels
        {
            B = decodes ? scratch[packedLength..] : weight.Float32.Slice(first * inputs, count * inputs),
            Layout = new MatrixLayout(inputs, Transposed: true), K = inputs, N = count, PanelCount = PackPanels.Panels(count), Packed = packed,
        });
        Simd.Run(new MatMulRows
        {
            A = packedX, HasPackedA = true, Packed = packed, C = y.Values[first..], CStride = y.Columns,
            M = y.Rows, N = count, K = inputs, Start = start.From(0, first), StartStride = start.Stride,
        });
    }

    private readonly record struct Dots(
        StoredTensor Weight, ReadOnlyMemory<float> X, Memory<float> Y, ReadOnlyMemory<float> Start, int StartStride, int First, int Count) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct
        {
            int inputs = Weight.RowLength;
            Simd.Run(new StoredDots<TCode, T>
            {
                X = X.Span, Weight = Weight.AllCodes<T>().Slice(First * inputs, Count * inputs), N = inputs,
                Scales = Weight.Scales.IsEmpty ? [] : Weight.Scales[First..],
                Start = Start.IsEmpty ? [] : Start.Span[First..], StartStride = StartStride,
                Y = Y.Span[First..], YStride = Weight.Rows,
            });
        }
    }
}
