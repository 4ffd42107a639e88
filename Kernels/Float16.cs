using System.Numerics.Tensors;

namespace SpikeEngine.Kernels;

/// <summary>IEEE half precision, by the runtime's vectorised conversions, which choose their registers themselves.</summary>
public static class Float16
{
    /// <summary>y = x, exactly.</summary>
    public static void Decode(ReadOnlySpan<Half> x, Span<float> y) => TensorPrimitives.ConvertToSingle(x, y);

    /// <summary>y = x, to the nearest half, ties to even; beyond the range infinity.</summary>
    public static void Encode(ReadOnlySpan<float> x, Span<Half> y) => TensorPrimitives.ConvertToHalf(x, y);
}
