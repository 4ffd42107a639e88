using SpikeEngine.Kernels;

namespace SpikeEngine;

public static partial class Ops
{
    private const int MostLevels = 127;   // codes of levels and their sign fit into a byte

    /// <summary>
    /// y = s Wᵀ + bias + residual for integer spikes s. Accumulate-only, the weights of active inputs are added or subtracted, each once
    /// whatever its level, and nothing is multiplied; the gradient of W is such a product too, of the gradient's rows by the spikes, and
    /// that of s is dense. The dense way is <see cref="Linear(Tensor, Tensor, Tensor?, Tensor?)"/>. Value and gradients are the
    /// same both ways, but for the order of sums.
    /// </summary>
    /// <param name="spikes">[..., inputs], whole numbers from -levels to levels, as from <see cref="TiLif"/>.</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <param name="levels">D, at most 127.</param>
    /// <param name="path">How to compute it.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a spike is no whole number in [-levels, levels].</exception>
    public static Tensor SpikeLinear(
        Tensor spikes, Tensor weight, Tensor? bias = null, Tensor? residual = null, int levels = 4, SpikePath path = SpikePath.Auto)
    {
        ArgumentNullException.ThrowIfNull(spikes);
        ArgumentNullException.ThrowIfNull(weight);
        RequireLevels(levels);
        RequireFittingWeight(spikes, weight.Shape, bias);
        int inputs = spikes.Columns, outputs = weight.Rows;
        Shape shape = spikes.Shape.WithColumns(outputs);
        RequireFittingResidual(residual, shape);

        long active = SpikeProduct.CountActive(spikes, levels);
        if (path == SpikePath.Auto && spikes.Rows == 1)
            path = SpikePath.Dense;   // by output, the weights of an input are everywhere: all of them would be read, and moved as well
        if (path == SpikePath.Auto)
            path = CrossoverProfile.Current.Choose(StorageType.Float32, spikes.Rows, inputs, outputs, levels, active);
        if (path == SpikePath.Dense || spikes.Count == 0)
            return Linear(spikes, weight, bias, residual);

        using var timing = Profiler.Time(flops: active * outputs);
        Tensor y = new(shape);
        ProductStart start = StartOf(y, bias, residual);
        bool hasStart = !start.Memory.IsEmpty;
        if (hasStart && !start.Memory.Equals(y.ValueMemory))
            start.CopyTo(y.Values, outputs);
        SpikeBlocks blocks = SpikeBlocks.For(spikes.Rows, inputs, levels, active);
        SpikeProduct.Run(blocks, spikes.ValueMemory, outputs, weight.MatrixTransposed(inputs), y.ValueMemory, hasStart);

        return Tape.Record(
            y, bias is null ? residual is null ? [spikes, weight] : [spikes, weight, residual] : residual is null ? [spikes, weight, bias] : [spikes, weight, bias, residual],
            (spikes, weight, bias, residual, levels, active), static (s, y) =>
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
            if (s.residual is not null)
                AddToGrad(s.residual, y.GradMemory);
        }, inDouble: static (s, v) => LinearInDouble(v[0], v[1], s.bias is null ? null : v[2], s.residual is null ? null : v[^1], s.spikes.Columns));
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
