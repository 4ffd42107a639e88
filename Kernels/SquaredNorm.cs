namespace SpikeEngine.Kernels;

/// <summary>Σ x², in single precision over blocks of 1,024 and in double over the blocks.</summary>
public readonly ref struct SquaredNorm : ISimdKernel
{
    private const int Block = 1_024;

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[1], written.</summary>
    public required Span<double> Sum { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        double sum = 0;
        for (int start = 0; start < X.Length; start += Block)
        {
            ReadOnlySpan<float> block = X[start..Math.Min(start + Block, X.Length)];
            sum += Reduce.Dot<L>(block, block);
        }

        Sum[0] = sum;
    }
}
