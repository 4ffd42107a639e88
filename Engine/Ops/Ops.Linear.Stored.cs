using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int FewRows = 4;   // up to which dot products beat a packed tile, most of whose rows would be empty
    private const int VectorPieceFloats = 1 << 18;   // of a weight in a piece of a product with few rows
    private const int StoredBlockFloats = 1 << 18;   // of a weight that the backward pass decodes at a time: 1 MB

    /// <summary>
    /// y = x Wᵀ + bias, row by row, with a weight in a smaller storage type. Some of the weight at a time becomes floats, never
    /// all of it. Gradients flow to x and bias; the weight is frozen.
    /// </summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    public static Tensor Linear(Tensor x, StoredTensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireFittingWeight(x, weight.Shape, bias);
        int inputs = x.Columns, outputs = weight.Rows;

        using var timing = Profiler.Time(flops: 2L * x.Rows * inputs * outputs, bytes: weight.Bytes);
        Tensor y = new(x.Shape.WithColumns(outputs));
        StartOf(y, bias, residual: null).CopyTo(y.Values, y.Columns);

        if (x.Count > 0 && x.Rows <= FewRows)
        {
            RowParallel.For(outputs, Math.Max(1, VectorPieceFloats / inputs), (x, weight, y), static (s, start, end) =>
                StoredCodes.Run(s.weight.Type, new RowDots(s.x, s.weight, start, end - start, s.y)), heavy: true);
        }
        else if (x.Count > 0)
        {
            Memory<float> packedX = Workspace.RentTemporary(PackRows.Length(x.Rows, inputs), out Workspace.Mark mark);
            MatrixProduct.PackLeft(x.Matrix(inputs), x.Rows, inputs, packedX);
            RowParallel.For(outputs, MatrixProduct.ColumnGrain, (packedX, weight, y), static (s, start, end) =>
                AddByTiles(s.packedX.Span, s.weight, start, end - start, s.y), heavy: true);
            mark.Release();
        }

        return bias is null
            ? Tape.Record(
                y, [x], (x, weight), static (s, y) => LinearBackward(s.x, s.weight, y),
                inDouble: static (s, v) => LinearInDouble(v[0], InDouble(s.weight), null, null, s.x.Columns))
            : Tape.Record(y, [x, bias], (x, weight, bias), static (s, y) =>
            {
                LinearBackward(s.x, s.weight, y);
                AddColumnSums(y, s.bias);
            }, inDouble: static (s, v) => LinearInDouble(v[0], InDouble(s.weight), v[1], null, s.x.Columns));
    }

    private static double[] InDouble(StoredTensor weight) => Array.ConvertAll(weight.ToTensor().ToArray(), w => (double)w);

    /// <summary>y[:, first..] += x Wᵀ for some rows of W as they are stored.</summary>
    private readonly record struct RowDots(Tensor X, StoredTensor Weight, int First, int Count, Tensor Y) : IStoredAction
    {
        public void Run<TCode, T>()
            where TCode : struct, IStoredCode<T>
            where T : struct => Simd.Run(new StoredDots<TCode, T>
            {
                X = X, Weight = Weight.AllCodes<T>().Slice(First * X.Columns, Count * X.Columns), N = X.Columns,
                Scales = Weight.Scales.IsEmpty ? [] : Weight.Scales[First..], Y = Y.Values[First..], YStride = Y.Columns,
            });
    }

    /// <summary>y[:, first..] += x Wᵀ for some rows of W, in tiles of the matrix product.</summary>
    private static void AddByTiles(ReadOnlySpan<float> packedX, StoredTensor weight, int first, int count, Tensor y)
    {
        int inputs = weight.RowLength, packedLength = PackPanels.Length(inputs, count);
        Span<float> scratch = ThreadScratch.Take(packedLength + count * inputs);
        Span<float> packed = scratch[..packedLength], rows = scratch[packedLength..];
        weight.DecodeRows(first, count, rows);
        Simd.Run(new PackPanels
        {
            B = rows, Layout = new MatrixLayout(inputs, Transposed: true), K = inputs, N = count,
            PanelCount = PackPanels.Panels(count), Packed = packed,
        });
        Simd.Run(new MatMulRows
        {
            A = packedX, HasPackedA = true, Packed = packed,
            C = y.Values[first..], CStride = y.Columns, M = y.Rows, N = count, K = inputs, Start = y.Values[first..], StartStride = y.Columns,
        });
    }

    /// <summary>grad_x += grad_y W, over blocks of W's rows in their order.</summary>
    private static void LinearBackward(Tensor x, StoredTensor weight, Tensor y)
    {
        if (!x.NeedsGrad || x.Count == 0 || weight.Rows == 0)
            return;
        int inputs = x.Columns, outputs = weight.Rows, block = Math.Max(1, StoredBlockFloats / inputs);
        bool accumulate = x.ClaimGrad();
        Memory<float> decoded = Workspace.RentTemporary(Math.Min(block, outputs) * inputs, out Workspace.Mark mark);
        for (int first = 0; first < outputs; first += block)
        {
            int count = Math.Min(block, outputs - first);
            RowParallel.For(count, Grain(inputs), (weight, decoded, first, inputs), static (s, start, end) =>
                s.weight.DecodeRows(s.first + start, end - start, s.decoded.Span[(start * s.inputs)..(end * s.inputs)]));
            MatrixView gradY = new(y.GradMemory[first..], new MatrixLayout(outputs, Transposed: false));
            MatrixView rows = new(decoded, new MatrixLayout(inputs, Transposed: false));
            MatrixProduct.Run(x.Rows, inputs, count, gradY, rows, x.GradMemory, accumulate);
            accumulate = true;
        }

        mark.Release();
    }
}
