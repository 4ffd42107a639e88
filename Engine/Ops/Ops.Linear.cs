using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>The differentiable operations. Each method checks shapes, runs forward and notes its backward.</summary>
public static partial class Ops
{
    /// <summary>y = x Wᵀ + bias + residual, row by row; one of the last two costs no pass of its own.</summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="residual">[..., outputs], or null.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null, Tensor? residual = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireFittingWeight(x, weight.Shape, bias);
        int inputs = x.Columns, outputs = weight.Rows;

        Shape shape = x.Shape.WithColumns(outputs);
        RequireFittingResidual(residual, shape);

        using var timing = Profiler.Time(flops: 2L * x.Rows * inputs * outputs);
        Tensor y = new(shape);
        MatrixProduct.Run(
            x.Rows, outputs, inputs, x.Matrix(inputs), weight.MatrixTransposed(inputs), y.ValueMemory, StartOf(y, bias, residual));

        return Tape.Record(
            y, bias is null ? residual is null ? [x, weight] : [x, weight, residual] : residual is null ? [x, weight, bias] : [x, weight, bias, residual],
            (x, weight, bias, residual), static (s, y) => LinearBackward(s.x, s.weight, s.bias, s.residual, y),
            inDouble: static (s, v) => LinearInDouble(v[0], v[1], s.bias is null ? null : v[2], s.residual is null ? null : v[^1], s.x.Columns));
    }

    private static void RequireFittingWeight(Tensor x, Shape weight, Tensor? bias)
    {
        if (weight.Rank != 2 || x.Shape.Rank == 0 || weight.Columns != x.Columns)
            throw new ArgumentException($"weight is {weight}, x is {x.Shape}: weight must have two axes, and x end in the second.", nameof(weight));
        if (bias is not null && bias.Count != weight.Rows)
            throw new ArgumentException($"bias is {bias.Shape}, weight is {weight}: bias must have weight's outputs.", nameof(bias));
    }

    private static void RequireFittingResidual(Tensor? residual, Shape y)
    {
        if (residual is not null && residual.Shape != y)
            throw new ArgumentException($"residual is {residual.Shape}, the product is {y}: they must be alike.", nameof(residual));
    }

    /// <summary>What the product y with a bias and a residual is added to. Only when there are both, y is written before.</summary>
    private static ProductStart StartOf(Tensor y, Tensor? bias, Tensor? residual)
    {
        if (residual is null)
            return bias is null ? default : new ProductStart(bias.ValueMemory, 0);
        if (bias is null)
            return new ProductStart(residual.ValueMemory, y.Columns);
        RowParallel.For(y.Rows, Grain(y.Columns), (bias, residual, y), static (s, start, end) =>
        {
            for (int row = start; row < end; row++)
            {
                s.residual.Rows(row, row + 1).CopyTo(s.y.Rows(row, row + 1));
                Simd.Run(new AddScaled { X = s.bias, Y = s.y.Rows(row, row + 1) });
            }
        });
        return new ProductStart(y.ValueMemory, y.Columns);
    }

    private static double[] LinearInDouble(double[] x, double[] weight, double[]? bias, double[]? residual, int inputs)
    {
        int rows = x.Length / inputs, outputs = weight.Length / inputs;
        double[] y = new double[rows * outputs];
        for (int i = 0; i < y.Length; i++)
        {
            (int row, int output) = Math.DivRem(i, outputs);
            y[i] = (bias?[output] ?? 0) + (residual?[i] ?? 0);
            for (int k = 0; k < inputs; k++)
                y[i] += x[row * inputs + k] * weight[output * inputs + k];
        }

        return y;
    }

    private static void LinearBackward(Tensor x, Tensor weight, Tensor? bias, Tensor? residual, Tensor y)
    {
        AddInputGrad(x, weight, y);
        AddWeightGrad(x, weight, y);
        AddStartGrads(bias, residual, y);
    }

    /// <summary>grad_x += grad_y W</summary>
    private static void AddInputGrad(Tensor x, Tensor weight, Tensor y)
    {
        int inputs = x.Columns, outputs = y.Columns;
        if (x.NeedsGrad)
        {
            bool accumulate = x.ClaimGrad();
            MatrixProduct.Run(x.Rows, inputs, outputs, y.GradMatrix(outputs), weight.Matrix(inputs), x.GradMemory, accumulate);
        }
    }

    /// <summary>grad_W += grad_yᵀ x</summary>
    private static void AddWeightGrad(Tensor x, Tensor weight, Tensor y)
    {
        int inputs = x.Columns, outputs = y.Columns;
        if (weight.NeedsGrad)
        {
            bool accumulate = weight.ClaimGrad();
            MatrixProduct.Run(outputs, inputs, x.Rows, y.GradMatrixTransposed(outputs), x.Matrix(inputs), weight.GradMemory, accumulate);
        }
    }

    private static void AddStartGrads(Tensor? bias, Tensor? residual, Tensor y)
    {
        if (bias is not null)
            AddColumnSums(y, bias);
        if (residual is not null)
            AddToGrad(residual, y.GradMemory);
    }

    /// <summary>bias.Grad += Σ over rows of y.Grad.</summary>
    private static void AddColumnSums(Tensor y, Tensor bias)
    {
        if (!bias.NeedsGrad)
            return;
        RowParallel.ForWithSum(y.Rows, 64, bias.Grad, y, static (y, start, end, partial) =>
        {
            for (int row = start; row < end; row++)
                Simd.Run(new AddScaled { X = y.Grad.Slice(row * y.Columns, y.Columns), Y = partial });
        });
    }
}
