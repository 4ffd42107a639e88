namespace SpikeEngine.Kernels;

/// <summary>
/// y (+)= A x: nothing is used twice, so nothing is packed. Rows of A are multiplied as they lie; of a transposed A whole
/// registers of y are summed side by side.
/// </summary>
public readonly ref struct MatrixVector : ISimdKernel
{
    private const int Block = 1_024;   // products that are summed in single precision before the sum is carried over

    /// <summary>A, [m, k] or stored as [k, m].</summary>
    public required ReadOnlySpan<float> A { get; init; }

    /// <summary>How A is stored.</summary>
    public required MatrixLayout Layout { get; init; }

    /// <summary>[k]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[m]</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Whether y's old values stay in the sum.</summary>
    public bool Accumulate { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        if (Layout.Transposed)
            Columns<Lanes1>(Columns<L>(0));
        else
            Rows<L>();
    }

    private void Rows<L>()
        where L : struct, ILanes<L>
    {
        for (int row = 0; row < Y.Length; row++)
        {
            ReadOnlySpan<float> a = A.Slice(row * Layout.Stride, X.Length);
            double sum = Accumulate ? Y[row] : 0.0;
            for (int start = 0; start < X.Length; start += Block)
            {
                int length = Math.Min(Block, X.Length - start);
                sum += Reduce.Dot<L>(a.Slice(start, length), X.Slice(start, length));
            }

            Y[row] = (float)sum;
        }
    }

    private int Columns<L>(int j)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> a = A, x = X;
        int stride = Layout.Stride;
        for (; j <= Y.Length - L.Count; j += L.Count)
        {
            CompensatedSum<L> sum = default;
            if (Accumulate)
                sum.Add(L.Load(Y, j));
            for (int i = 0; i < x.Length;)
            {
                L block = L.Zero;
                for (int end = Math.Min(i + Block, x.Length); i < end; i++)
                    block = L.MulAdd(L.Load(a, i * stride + j), L.Splat(x[i]), block);
                sum.Add(block);
            }

            L.Store(sum.Value, Y, j);
        }

        return j;
    }
}
