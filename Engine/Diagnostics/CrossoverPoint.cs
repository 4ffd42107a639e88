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
    // What changes the break-even most counts most: a vector is bound by memory, many rows by additions.
    private const double OfRows = 4;
    private const double OfLevels = 2;

    /// <summary>How little this point says about another product: 0 for the same one.</summary>
    internal double Distance(int rows, int inputs, int outputs, int levels, int threads) =>
        OfRows * Octaves(Rows, rows) + OfLevels * Octaves(Levels, levels) + Octaves(Inputs, inputs) + Octaves(Outputs, outputs) + Octaves(Threads, threads);

    private static double Octaves(int a, int b) => Math.Abs(Math.Log2((double)Math.Max(1, a) / Math.Max(1, b)));
}
