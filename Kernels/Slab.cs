namespace SpikeEngine.Kernels;

/// <summary>
/// Memory as [Outer, Length, Inner]: what works along one axis, or along neighbouring ones, needs to know of a shape. Each
/// of the Outer * Inner series is independent. A piece of a slab has fewer outer steps or fewer columns.
/// </summary>
/// <param name="Outer">Product of the sizes before the axis.</param>
/// <param name="Length">Size of the axis: the length of a series.</param>
/// <param name="Inner">Product of the sizes behind the axis: the distance between elements of a series.</param>
public readonly record struct Slab(int Outer, int Length, int Inner)
{
    /// <summary>Columns of this piece, all of them unless it is one of several side by side.</summary>
    public int Columns { get; init; } = Inner;

    /// <summary>Distance between outer steps.</summary>
    public int Stride => Length * Inner;
}
