using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// The layout of weights for decoding: outputs in tiles of <see cref="Width"/>, and inside a tile the weights of one
/// input side by side, [tile][input][output]. A tile's sums stay in registers, nothing is summed across lanes, and an
/// input that does not spike is skipped by not reading its contiguous piece. The last tile is as wide as what is left.
/// </summary>
public static class OutputTiles
{
    /// <summary>Outputs in a full tile: eight registers of 512 bits.</summary>
    public const int Width = 128;

    /// <summary>Copies W [outputs, inputs] into tiles.</summary>
    /// <param name="weight">[outputs, inputs], row-major.</param>
    /// <param name="inputs">Length of a row.</param>
    /// <param name="tiles">As many floats as the weight.</param>
    public static void Pack(ReadOnlySpan<float> weight, int inputs, Span<float> tiles)
    {
        Debug.Assert(tiles.Length == weight.Length && weight.Length % inputs == 0);
        int outputs = weight.Length / inputs;
        for (int output = 0; output < outputs; output++)
        {
            ReadOnlySpan<float> row = weight.Slice(output * inputs, inputs);
            int first = output / Width * Width, width = Math.Min(Width, outputs - first);
            Span<float> column = tiles[(first * inputs + output - first)..];
            for (int input = 0; input < inputs; input++)
                column[input * width] = row[input];
        }
    }
}
