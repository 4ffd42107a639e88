namespace SpikeEngine;

/// <summary>Distances in memory, from shapes.</summary>
internal static class Strides
{
    /// <summary>Distance between neighbours along an axis: the product of the sizes inside it.</summary>
    internal static int Stride(this Shape shape, int axis)
    {
        int stride = 1;
        foreach (int size in shape.Dims[(axis + 1)..])
            stride *= size;
        return stride;
    }

    /// <summary>Product of the sizes outside an axis.</summary>
    internal static int Outer(this Shape shape, int axis)
    {
        int count = 1;
        foreach (int size in shape.Dims[..axis])
            count *= size;
        return count;
    }
}
