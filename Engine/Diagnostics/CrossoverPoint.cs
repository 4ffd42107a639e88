namespace SpikeEngine;

/// <summary>At one shape, the share of active inputs up to which accumulating is at least as fast as the dense product.</summary>
/// <param name="Weight">How the weight is stored.</param>
/// <param name="Rows">Vectors of spikes in a product.</param>
/// <param name="Inputs">Length of a vector.</param>
/// <param name="Outputs">Columns of the result.</param>
/// <param name="Levels">D; 1 for ternary spikes.</param>
/// <param name="Threads">Threads in use.</param>
/// <param name="BreakEven">From 0 (never) to 1 (always).</param>
public sealed record CrossoverPoint(StorageType Weight, int Rows, int Inputs, int Outputs, int Levels, int Threads, double BreakEven)
{
    private readonly ProductScale _scale = ProductScale.Of(Rows, Inputs, Outputs, Levels, Threads);

    /// <summary>How little this point says about another product: 0 for the same one.</summary>
    internal double Distance(ProductScale other) => _scale.Distance(other);
}

/// <summary>The sizes of a product as logarithms, so that many points are compared with it quickly.</summary>
internal readonly record struct ProductScale(double Rows, double Inputs, double Outputs, double Levels, double Threads)
{
    // What changes the break-even most counts most: a vector is bound by memory, many rows by additions.
    private const double OfRows = 4;
    private const double OfLevels = 2;

    /// <summary>Of these sizes; what is below 1 counts as 1.</summary>
    public static ProductScale Of(int rows, int inputs, int outputs, int levels, int threads) =>
        new(Octaves(rows), Octaves(inputs), Octaves(outputs), Octaves(levels), Octaves(threads));

    /// <summary>Octaves between the sizes, weighed.</summary>
    public double Distance(ProductScale other) =>
        OfRows * Math.Abs(Rows - other.Rows) + OfLevels * Math.Abs(Levels - other.Levels)
        + Math.Abs(Inputs - other.Inputs) + Math.Abs(Outputs - other.Outputs) + Math.Abs(Threads - other.Threads);

    private static double Octaves(int size) => Math.Log2(Math.Max(1, size));
}
