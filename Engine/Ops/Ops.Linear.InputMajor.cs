using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = x Wᵀ + bias with a frozen weight by input: each piece of it becomes floats in the panels of the matrix product, once for all
    /// rows of x; with a single row it is read as it is stored.
    /// </summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    /// <exception cref="InvalidOperationException">A tape is open and an argument wants a gradient: there is none through a frozen weight.</exception>
    public static Tensor Linear(Tensor x, InputMajorWeight weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireFittingWeight(x, weight.Shape, bias);
        RequireNoGradient(x, bias);
        using var timing = Profiler.Time(flops: 2L * x.Count * weight.Outputs, bytes: weight.Bytes);
        Tensor y = new(x.Shape.WithColumns(weight.Outputs));
        if (x.Count == 0)
            StartOf(y, bias, residual: null).CopyTo(y.Values, y.Columns);
        else
            StoredProduct(x, weight, bias, y);
        return y;
    }

    private static void StoredProduct(Tensor x, InputMajorWeight weight, Tensor? bias, Tensor y)
    {
        if (x.Rows == 1)
        {
            weight.Multiply(x.ValueMemory, y.ValueMemory);
            if (bias is not null)
                Simd.Run(new AddScaled { X = bias, Y = y });
            return;
        }

        Memory<float> packedX = Workspace.RentTemporary(PackRows.Length(x.Rows, x.Columns), out Workspace.Mark mark);
        MatrixProduct.PackLeft(x.Matrix(x.Columns), x.Rows, x.Columns, packedX);
        ProductStart from = StartOf(y, bias, residual: null);
        RowParallel.For(weight.Outputs, MatrixProduct.ColumnGrain, (packedX, weight, from, y), static (s, start, end) =>
        {
            int n = end - start, k = s.weight.Inputs;
            Span<float> panels = ThreadScratch.Take(PackPanels.Length(k, n));
            s.weight.DecodePanels(start, n, panels);
            Simd.Run(new MatMulRows
            {
                A = s.packedX.Span, HasPackedA = true, Packed = panels, C = s.y.Values[start..], CStride = s.y.Columns,
                M = s.y.Rows, N = n, K = k, Start = s.from.From(0, start), StartStride = s.from.Stride,
            });
        }, heavy: true);
        mark.Release();
    }
}
