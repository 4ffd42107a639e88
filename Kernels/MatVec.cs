using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>y = W x (+ bias): the dense product of decoding, one token at a time. Each weight is read once, in order.</summary>
public readonly ref struct MatVec : ISimdKernel
{
    /// <summary>[outputs, inputs], row-major.</summary>
    public required ReadOnlySpan<float> Weight { get; init; }

    /// <summary>[outputs], or empty.</summary>
    public ReadOnlySpan<float> Bias { get; init; }

    /// <summary>[inputs]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[outputs]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Weight.Length == X.Length * Y.Length, "the weight does not fit");
        int inputs = X.Length, row = 0;

        // Four rows share every load of x and keep the add units busy with eight independent sums.
        for (; row <= Y.Length - 4; row += 4)
            FourRows<L>(Weight.Slice(row * inputs, 4 * inputs), Y.Slice(row, 4));
        for (; row < Y.Length; row++)
            Y[row] = Reduce.Dot<L>(Weight.Slice(row * inputs, inputs), X);

        for (int i = 0; i < Bias.Length; i++)
            Y[i] += Bias[i];
    }

    private void FourRows<L>(ReadOnlySpan<float> weight, Span<float> y)
        where L : struct, ILanes<L>
    {
        int inputs = X.Length, n = L.Count, i = 0;
        L a0 = L.Zero, b0 = L.Zero, c0 = L.Zero, d0 = L.Zero, a1 = L.Zero, b1 = L.Zero, c1 = L.Zero, d1 = L.Zero;
        for (; i <= inputs - 2 * n; i += 2 * n)
        {
            L x0 = L.Load(X, i), x1 = L.Load(X, i + n);
            a0 = L.MulAdd(L.Load(weight, i), x0, a0);
            a1 = L.MulAdd(L.Load(weight, i + n), x1, a1);
            b0 = L.MulAdd(L.Load(weight, inputs + i), x0, b0);
            b1 = L.MulAdd(L.Load(weight, inputs + i + n), x1, b1);
            c0 = L.MulAdd(L.Load(weight, 2 * inputs + i), x0, c0);
            c1 = L.MulAdd(L.Load(weight, 2 * inputs + i + n), x1, c1);
            d0 = L.MulAdd(L.Load(weight, 3 * inputs + i), x0, d0);
            d1 = L.MulAdd(L.Load(weight, 3 * inputs + i + n), x1, d1);
        }

        float a = L.Sum(a0 + a1), b = L.Sum(b0 + b1), c = L.Sum(c0 + c1), d = L.Sum(d0 + d1);
        for (; i < inputs; i++)
        {
            a += weight[i] * X[i];
            b += weight[inputs + i] * X[i];
            c += weight[2 * inputs + i] * X[i];
            d += weight[3 * inputs + i] * X[i];
        }

        (y[0], y[1], y[2], y[3]) = (a, b, c, d);
    }
}
