using System.Numerics.Tensors;

namespace SpikeEngine.Kernels;

/// <summary>Sums of whole numbers to sums of weights.</summary>
internal static class ScaleSums
{
    /// <summary>y = scale * sum + bias, rounded after each step whatever the processor can fuse.</summary>
    /// <param name="sums">[n]</param>
    /// <param name="scales">At least n.</param>
    /// <param name="bias">At least n, or empty for 0.</param>
    /// <param name="y">[n]</param>
    internal static void Run(ReadOnlySpan<int> sums, ReadOnlySpan<float> scales, ReadOnlySpan<float> bias, Span<float> y)
    {
        TensorPrimitives.ConvertChecked(sums, y);
        TensorPrimitives.Multiply(y, scales[..y.Length], y);
        if (!bias.IsEmpty)
            TensorPrimitives.Add(y, bias[..y.Length], y);
    }
}
