namespace SpikeEngine;

/// <summary>At one shape, the share of active inputs up to which accumulating is at least as fast as the dense product.</summary>
/// <param name="Weight">How the weight is stored.</param>
/// <param name="Rows">Vectors of spikes in a product.</param>
/// <param name="Inputs">Length of a vector.</param>
/// <param name="Outputs">Columns of the result.</param>
/// <param name="Levels">D; 1 for ternary spikes.</param>
/// <param name="Threads">Threads in use.</param>
/// <param name="BreakEven">From 0 (never) to 1 (always).</param>
/// <param name="Binary">Whether there were no negative spikes, and so many vectors that these share sums of several inputs.</param>
public sealed record CrossoverPoint(
    StorageType Weight, int Rows, int Inputs, int Outputs, int Levels, int Threads, double BreakEven, bool Binary = false)
{
    internal ProductSizes Sizes => new(Rows, Inputs, Outputs);
}

/// <summary>The sizes of a product.</summary>
internal readonly record struct ProductSizes(int Rows, int Inputs, int Outputs)
{
    /// <summary>Whether no size is outside of what the two others span.</summary>
    public bool IsBetween(ProductSizes a, ProductSizes b) =>
        IsBetween(Rows, a.Rows, b.Rows) && IsBetween(Inputs, a.Inputs, b.Inputs) && IsBetween(Outputs, a.Outputs, b.Outputs);

    private static bool IsBetween(int size, int a, int b) => Math.Min(a, b) <= size && size <= Math.Max(a, b);
}
