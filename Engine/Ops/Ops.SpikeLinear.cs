using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    /// <summary>
    /// y = s Wᵀ + bias for integer spikes s, accumulate-only: the weights of active inputs are added or subtracted, each once whatever
    /// its level, and nothing is multiplied. The same value and gradients as <see cref="Linear(Tensor, Tensor, Tensor?, Tensor?)"/>, but for
    /// the order of sums. The gradient of W is such a product too, of the gradient's rows by the spikes; that of s is dense.
    /// </summary>
    /// <param name="spikes">[..., inputs], whole numbers from -levels to levels, as from <see cref="TiLif"/>.</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="levels">D.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a spike is no whole number in [-levels, levels].</exception>
    public static Tensor SpikeLinear(Tensor spikes, Tensor weight, Tensor? bias = null, int levels = 4)
    {
        ArgumentNullException.ThrowIfNull(spikes);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(levels);
        RequireFittingWeight(spikes, weight.Shape, bias);
        int inputs = spikes.Columns, outputs = weight.Rows;

        long active = SpikeProduct.CountActive(spikes, levels);
        using var timing = Profiler.Time(flops: active * outputs);
        Tensor y = new(spikes.Shape.WithColumns(outputs));
        if (bias is not null || inputs == 0)
            StartFrom(bias, y);
        SpikeBlocks blocks = SpikeBlocks.For(spikes.Rows, inputs, levels, active);
        SpikeProduct.Run(blocks, spikes.ValueMemory, outputs, weight.MatrixTransposed(inputs), y.ValueMemory, bias is not null);

        return Tape.Record(y, bias is null ? [spikes, weight] : [spikes, weight, bias], (spikes, weight, bias, levels, active), static (s, y) =>
        {
            if (s.spikes.NeedsGrad)
            {
                bool accumulate = s.spikes.ClaimGrad();
                MatrixProduct.Run(
                    s.spikes.Rows, s.spikes.Columns, y.Columns, y.GradMatrix(y.Columns), s.weight.Matrix(s.spikes.Columns), s.spikes.GradMemory, accumulate);
            }

            if (s.weight.NeedsGrad)
                AddSpikeProduct(s.spikes, s.levels, s.active, y, s.weight);
            if (s.bias is not null)
                AddColumnSums(y, s.bias);
        }, inDouble: static (s, v) => LinearInDouble(v[0], v[1], s.bias is null ? null : v[2], null, s.spikes.Columns));
    }

    /// <summary>grad_W += grad_yᵀ s, as (sᵀ grad_y)ᵀ: the spikes of one input at all rows are a vector, and rows of grad_y are added.</summary>
    private static void AddSpikeProduct(Tensor spikes, int levels, long active, Tensor y, Tensor weight)
    {
        int rows = spikes.Rows, inputs = spikes.Columns, outputs = y.Columns;
        PrepareGrads(weight);
        if (rows == 0)
            return;
        Memory<float> transposed = Workspace.RentTemporary(rows * inputs, out Workspace.Mark mark);
        Memory<float> product = Workspace.RentTemporary(inputs * outputs, out _);
        Transposed.Copy(spikes.Values, inputs, inputs, rows, rows, transposed.Span);
        SpikeProduct.Run(
            SpikeBlocks.For(inputs, rows, levels, active), transposed, outputs, y.GradMatrix(outputs), product, accumulate: false);
        RowParallel.For(outputs, Grain(inputs), (product, outputs, weight), static (s, start, end) =>
            Transposed.Add(s.product.Span, s.outputs, s.weight.Grad, start, end));
        mark.Release();
    }
}
