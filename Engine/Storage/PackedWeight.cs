using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>
/// A frozen weight of a linear layer as the matrix product reads it: packed once instead of in every product. It takes as many bytes as
/// the weight, and belongs to the register width that was in use when it was made.
/// </summary>
public sealed class PackedWeight
{
    private PackedWeight(Tensor weight)
    {
        Shape = weight.Shape;
        (Outputs, Inputs) = (weight.Rows, weight.Columns);
        Panels = AlignedMemory.Allocate(PackPanels.Length(Inputs, Outputs));
        MatrixProduct.Pack(weight.MatrixTransposed(Inputs), Inputs, Outputs, Panels);
    }

    /// <summary>[outputs, inputs]</summary>
    public Shape Shape { get; }

    /// <summary>Rows of the weight.</summary>
    public int Outputs { get; }

    /// <summary>Length of a row.</summary>
    public int Inputs { get; }

    /// <summary>The weight's transpose as <see cref="PackPanels"/> leaves it.</summary>
    internal Memory<float> Panels { get; }

    /// <summary>Packs a weight; later changes to it are not seen.</summary>
    /// <param name="weight">[outputs, inputs]</param>
    /// <exception cref="ArgumentException">The tensor has not two axes.</exception>
    public static PackedWeight From(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight.Shape.Rank == 2
            ? new PackedWeight(weight)
            : throw new ArgumentException($"weight is {weight.Shape}: it must have two axes, [outputs, inputs].", nameof(weight));
    }
}
