using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int StoredBlockFloats = 1 << 18;   // of a weight that the backward pass decodes at a time: 1 MB

    /// <summary>
    /// y = x Wᵀ + bias + residual, row by row, with a weight in a smaller storage type. Some of the weight at a time becomes floats, never
    /// all of it. Gradients flow to x, bias and residual; the weight is frozen.
    /// </summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    public static Tensor Linear(Tensor x, StoredTensor weight, Tensor? bias = null, Tensor? residual = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireFittingWeight(x, weight.Shape, bias);
        Shape shape = x.Shape.WithColumns(weight.Rows);
        RequireFittingResidual(residual, shape);

        using var timing = Profiler.Time(flops: 2L * x.Count * weight.Rows, bytes: weight.Bytes);
        Tensor y = new(shape);
        ProductStart start = StartOf(y, bias, residual);
        if (x.Count == 0)
            start.CopyTo(y.Values, y.Columns);
        else
            OutputMajorProduct.Run(x, weight, y, start);

        return Tape.Record(
            y, bias is null ? residual is null ? [x] : [x, residual] : residual is null ? [x, bias] : [x, bias, residual],
            (x, weight, bias, residual), static (s, y) =>
            {
                LinearBackward(s.x, s.weight, y);
                AddStartGrads(s.bias, s.residual, y);
            },
            inDouble: static (s, v) => LinearInDouble(
                v[0], InDouble(s.weight), s.bias is null ? null : v[1], s.residual is null ? null : v[^1], s.x.Columns));
    }

    private static double[] InDouble(StoredTensor weight) => Array.ConvertAll(weight.ToTensor().ToArray(), w => (double)w);

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
