using System.Globalization;

namespace SpikeEngine.Benchmarks.Kernels;

/// <summary>Sizes of a product, as benchmarks write them: rows x inputs x outputs.</summary>
internal readonly record struct MatrixShape(int Rows, int Inputs, int Outputs)
{
    /// <summary>Operations of the dense product, a multiply-add counted as two.</summary>
    public double Flops => 2.0 * Rows * Inputs * Outputs;

    public static MatrixShape Parse(string text) =>
        text.Split('x') is [string rows, string inputs, string outputs]
            ? new(Size(rows), Size(inputs), Size(outputs))
            : throw new FormatException($"\"{text}\" is not three sizes.");

    private static int Size(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
