namespace SpikeEngine.Kernels;

/// <summary>
/// y[i, j] = x_(j+1) + ... + x_i for j ≤ i, which is 0 on the diagonal, and -inf above it (listing "segsum" of the Mamba-2
/// paper). Each row adds one element to the row before: differences of running sums would lose digits.
/// </summary>
public readonly ref struct SegSumForward : ISimdKernel
{
    /// <summary>T</summary>
    public required int Length { get; init; }

    /// <summary>[rows, T]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[rows, T, T]</summary>
    public required Span<float> Y { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        for (int row = 0; row * Length < X.Length; row++)
        {
            ReadOnlySpan<float> x = X.Slice(row * Length, Length), before = [];
            for (int i = 0; i < Length; i++)
            {
                Span<float> y = Y.Slice((row * Length + i) * Length, Length);
                AddElement<Lanes1>(before, x[i], y, AddElement<L>(before, x[i], y, 0));
                y[i] = 0f;
                y[(i + 1)..].Fill(float.NegativeInfinity);
                before = y[..(i + 1)];
            }
        }
    }

    private static int AddElement<L>(ReadOnlySpan<float> before, float element, Span<float> y, int j)
        where L : struct, ILanes<L>
    {
        L x = L.Splat(element);
        for (; j <= before.Length - L.Count; j += L.Count)
            L.Store(L.Load(before, j) + x, y, j);
        return j;
    }
}

/// <summary>grad_x_k += Σ_(j &lt; k ≤ i) grad_y[i, j] over the finite y[i, j].</summary>
public readonly ref struct SegSumBackward : ISimdKernel
{
    /// <summary>T</summary>
    public required int Length { get; init; }

    /// <summary>[rows, T, T], from the forward pass.</summary>
    public required ReadOnlySpan<float> Y { get; init; }

    /// <summary>[rows, T, T]</summary>
    public required ReadOnlySpan<float> GradY { get; init; }

    /// <summary>[rows, T], accumulated.</summary>
    public required Span<float> GradX { get; init; }

    /// <summary>[T]</summary>
    public required Span<float> Scratch { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Span<float> below = Scratch[..Length];
        for (int row = 0; row * Length < GradX.Length; row++)
        {
            // From the last row up: below[j] is the sum of column j so far, and x_k has a part in all of it left of k.
            below.Clear();
            for (int k = Length - 1; k > 0; k--)
            {
                int at = (row * Length + k) * Length;
                ReadOnlySpan<float> y = Y.Slice(at, k), gradY = GradY.Slice(at, k);
                AddFinite<Lanes1>(y, gradY, below, AddFinite<L>(y, gradY, below, 0));
                GradX[row * Length + k] += SumForward<Itself>.Row<L>(below[..k]);
            }
        }
    }

    private static int AddFinite<L>(ReadOnlySpan<float> y, ReadOnlySpan<float> gradY, Span<float> below, int j)
        where L : struct, ILanes<L>
    {
        L infinity = L.Splat(float.PositiveInfinity);
        for (; j <= y.Length - L.Count; j += L.Count)
        {
            L counted = L.Select(L.LessThan(L.Abs(L.Load(y, j)), infinity), L.Load(gradY, j), L.Zero);
            L.Store(L.Load(below, j) + counted, below, j);
        }

        return j;
    }
}
