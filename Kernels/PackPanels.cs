namespace SpikeEngine.Kernels;

/// <summary>
/// Copies B[k, n] into panels of two registers' width, [panel][k][width], the last one padded with zeros: the order in
/// which <see cref="MatMulRows"/> reads it.
/// </summary>
public readonly ref struct PackPanels : ISimdKernel
{
    /// <summary>B, [k, n] or stored as [n, k].</summary>
    public required ReadOnlySpan<float> B { get; init; }

    /// <summary>How B is stored.</summary>
    public required MatrixLayout Layout { get; init; }

    /// <summary>Rows of B.</summary>
    public required int K { get; init; }

    /// <summary>Columns of B.</summary>
    public required int N { get; init; }

    /// <summary>First panel to pack.</summary>
    public int FirstPanel { get; init; }

    /// <summary>Panels to pack.</summary>
    public required int PanelCount { get; init; }

    /// <summary>All panels, <see cref="Length"/> floats.</summary>
    public required Span<float> Packed { get; init; }

    /// <summary>Columns in a panel at the width in use.</summary>
    public static int Width => 2 * Simd.Lanes;

    /// <summary>Number of panels of an n-column matrix at the width in use.</summary>
    public static int Panels(int n) => (n + Width - 1) / Width;

    /// <summary>Floats needed for all panels of a [k, n] matrix at the width in use.</summary>
    public static int Length(int k, int n) => checked(k * Panels(n) * Width);

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int width = MatMulTile.Columns<L>();
        for (int panel = FirstPanel; panel < FirstPanel + PanelCount; panel++)
        {
            int column = panel * width;
            int count = Math.Min(width, N - column);
            Span<float> to = Packed.Slice(panel * K * width, K * width);
            if (count < width)
                to.Clear();
            if (Layout.Transposed)
                Transposed.Copy(B[(column * Layout.Stride)..], Layout.Stride, K, count, width, to);
            else if (count == width)
                CopyRegisters<L>(column, to);
            else
                CopyRows(column, count, width, to);
        }
    }

    private void CopyRegisters<L>(int column, Span<float> to)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> b = B;
        int stride = Layout.Stride;
        for (int at = 0, from = column; at < to.Length; at += 2 * L.Count, from += stride)
        {
            L.Store(L.Load(b, from), to, at);
            L.Store(L.Load(b, from + L.Count), to, at + L.Count);
        }
    }

    private void CopyRows(int column, int count, int width, Span<float> to)
    {
        for (int k = 0; k < K; k++)
            B.Slice(k * Layout.Stride + column, count).CopyTo(to.Slice(k * width, count));
    }
}
