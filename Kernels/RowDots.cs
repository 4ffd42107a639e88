using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>y_r += x_r · w for each row x_r: one output of a linear layer for a few rows.</summary>
public readonly ref struct RowDots : ISimdKernel
{
    /// <summary>[rows, n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> W { get; init; }

    /// <summary>y_r is at r * <see cref="YStride"/>; accumulated.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Distance between the outputs of neighbouring rows.</summary>
    public required int YStride { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        int n = W.Length;
        Debug.Assert(n > 0 && X.Length % n == 0);
        for (int row = 0; row < X.Length / n; row++)
            Y[row * YStride] += Reduce.Dot<L>(X.Slice(row * n, n), W);
    }
}
