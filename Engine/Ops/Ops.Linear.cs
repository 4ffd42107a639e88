namespace SpikeEngine;

/// <summary>The differentiable operations. Each method checks shapes, runs forward and notes its backward.</summary>
public static partial class Ops
{
    /// <summary>y = x Wᵀ + bias, row by row.</summary>
    /// <param name="x">[..., inputs]</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <returns>[..., outputs]</returns>
    /// <exception cref="ArgumentException">Sizes do not fit.</exception>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(weight);
        RequireFittingWeight(x, weight.Shape, bias);
        int inputs = x.Columns, outputs = weight.Rows;

        using var timing = Profiler.Time(flops: 2L * x.Rows * inputs * outputs);
        Tensor y = new(x.Shape.WithColumns(outputs));
        if (bias is not null)
            StartFrom(bias, y);

        MatrixProduct.Run(x.Rows, outputs, inputs, x.Matrix(inputs), weight.MatrixTransposed(inputs), y.ValueMemory, bias is not null);
        return bias is null
            ? Tape.Record(
                y, [x, weight], (x, weight), static (s, y) => LinearBackward(s.x, s.weight, y),
                inDouble: static (s, v) => LinearInDouble(v[0], v[1], null, s.x.Columns))
            : Tape.Record(y, [x, weight, bias], (x, weight, bias), static (s, y) =>
            {
                LinearBackward(s.x, s.weight, y);
                AddColumnSums(y, s.bias);
            }, inDouble: static (s, v) => LinearInDouble(v[0], v[1], v[2], s.x.Columns));
    }

    private static void RequireFittingWeight(Tensor x, Shape weight, Tensor? bias)
    {
        if (weight.Rank != 2 || x.Shape.Rank == 0 || weight.Columns != x.Columns)
            throw new ArgumentException($"weight is {weight}, x is {x.Shape}: weight must have two axes, and x end in the second.", nameof(weight));
        if (bias is not null && bias.Count != weight.Rows)
            throw new ArgumentException($"bias is {bias.Shape}, weight is {weight}: bias must have weight's outputs.", nameof(bias));
    }

    /// <summary>y = bias in every row, or 0.</summary>
    private static void StartFrom(Tensor? bias, Tensor y)
    {
        if (bias is null)
        {
            y.Values.Clear();
            return;
        }

        for (int row = 0; row < y.Rows; row++)
            bias.Values.CopyTo(y.Values.Slice(row * y.Columns, y.Columns));
    }

    private static double[] LinearInDouble(double[] x, double[] weight, double[]? bias, int inputs)
    {
        int rows = x.Length / inputs, outputs = weight.Length / inputs;
        double[] y = new double[rows * outputs];
        for (int i = 0; i < y.Length; i++)
        {
            (int row, int output) = Math.DivRem(i, outputs);
            y[i] = bias?[output] ?? 0;
            for (int k = 0; k < inputs; k++)
                y[i] += x[row * inputs + k] * weight[output * inputs + k];
        }

        return y;
    }

    private static void LinearBackward(Tensor x, Tensor weight, Tensor y)
    {
        int inputs = x.Columns, outputs = y.Columns, rows = x.Rows;
        if (x.NeedsGrad)
        {
            bool accumulate = x.ClaimGrad();
            MatrixProduct.Run(rows, inputs, outputs, y.GradMatrix(outputs), weight.Matrix(inputs), x.GradMemory, accumulate);
        }

        if (weight.NeedsGrad)
        {
            bool accumulate = weight.ClaimGrad();
            MatrixProduct.Run(outputs, inputs, rows, y.GradMatrixTransposed(outputs), x.Matrix(inputs), weight.GradMemory, accumulate);
        }
    }

    /// <summary>bias.Grad += Σ over rows of y.Grad.</summary>
    private static void AddColumnSums(Tensor y, Tensor bias)
    {
        if (!bias.NeedsGrad)
            return;
        RowParallel.ForWithSum(y.Rows, 64, bias.Grad, y, static (y, start, end, partial) =>
        {
            for (int row = start; row < end; row++)
                Kernels.Simd.Run(new Kernels.AddScaled { X = y.Grad.Slice(row * y.Columns, y.Columns), Y = partial });
        });
    }
}
