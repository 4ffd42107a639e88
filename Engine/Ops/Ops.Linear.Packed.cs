using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int VectorPieceFloats = 1 << 18;   // of a weight in a piece of a product with one row

    /// <summary>
    /// y = x Wᵀ + bias + residual with a weight packed ahead: for inference, where a weight is used many times. The residual is added
    /// where the sums are written, without a pass of its own.
    /// </summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[outputs, inputs], packed.</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    /// <exception cref="InvalidOperationException">A tape is open and an argument wants a gradient: there is none through a packed weight.</exception>
    public static Tensor Linear(Tensor x, PackedWeight weight, Tensor? bias = null, Tensor? residual = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireFittingWeight(x, weight.Shape, bias);
        Shape shape = x.Shape.WithColumns(weight.Outputs);
        RequireFittingResidual(residual, shape);
        RequireNoGradient(x, bias, residual);

        using var timing = Profiler.Time(flops: 2L * x.Rows * weight.Inputs * weight.Outputs);
        Tensor y = new(shape);
        ProductStart start = StartOf(y, bias, residual);
        if (y.Count == 0)
            return y;
        if (weight.Inputs == 0)
        {
            start.CopyTo(y.Values, weight.Outputs);
        }
        else if (x.Rows == 1)
        {
            int grain = Math.Max(1, VectorPieceFloats / (weight.Inputs * PackPanels.Width)) * PackPanels.Width;
            RowParallel.For(weight.Outputs, grain, (x, weight, y, start), static (s, first, end) => Simd.Run(new PanelVector
            {
                Packed = s.weight.Panels.Span[(first * s.weight.Inputs)..], X = s.x, Y = s.y.Values[first..end], Start = s.start.From(0, first),
            }), heavy: true);
        }
        else
        {
            MatrixProduct.TimesPacked(x.Rows, weight.Outputs, weight.Inputs, x.Matrix(weight.Inputs), weight.Panels, y.ValueMemory, start);
        }

        return y;
    }
}
