namespace SpikeEngine.Kernels;

/// <summary>Packs a stored weight, by input, into the panels of <see cref="PackPanels"/>: made floats on the way.</summary>
/// <typeparam name="TCode">How the weight is stored.</typeparam>
/// <typeparam name="T">One number as it is stored.</typeparam>
public readonly ref struct DecodePanels<TCode, T> : ISimdKernel
    where TCode : struct, IStoredCode<T>
{
    /// <summary>[k, stride], from the first column on.</summary>
    public required ReadOnlySpan<T> Weight { get; init; }

    /// <summary>Distance between rows of the weight.</summary>
    public required int Stride { get; init; }

    /// <summary>Rows of the weight.</summary>
    public required int K { get; init; }

    /// <summary>Columns to pack.</summary>
    public required int N { get; init; }

    /// <summary>[n], the factor of each column; empty when it is 1.</summary>
    public ReadOnlySpan<float> Scales { get; init; }

    /// <summary><see cref="PackPanels.Length"/> of [k, n].</summary>
    public required Span<float> Packed { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int width = MatMulTile.Columns<L>();
        for (int column = 0; column < N; column += width)
        {
            int count = Math.Min(width, N - column);
            Span<float> panel = Packed.Slice(column * K, K * width);
            if (count < width)
                panel.Clear();
            for (int i = 0; i < count;)
                i = i <= count - L.Count ? PackColumns<L>(column, i, width, panel) : PackColumns<Lanes1>(column, i, width, panel);
        }
    }

    /// <summary>A register's columns of a panel.</summary>
    private int PackColumns<L>(int column, int i, int width, Span<float> panel)
        where L : struct, ILanes<L>
    {
        L scale = Scales.IsEmpty ? L.One : L.Load(Scales, column + i);
        for (int k = 0; k < K; k++)
        {
            L weight = TCode.Load<L>(Weight, k * Stride + column + i);
            L.Store(Scales.IsEmpty ? weight : weight * scale, panel, k * width + i);
        }

        return i + L.Count;
    }
}
