namespace SpikeEngine.Cli.Bench;

/// <summary>What <c>spike bench scan</c> measures, and how long.</summary>
/// <param name="Lengths">Tokens that the selective scan goes over.</param>
/// <param name="Heads">Its heads.</param>
/// <param name="Shapes">Rows and columns of the tensors that streaming kernels go over.</param>
/// <param name="WarmUp">How long new code runs before it is measured.</param>
/// <param name="Budget">About how long the rounds of one row take.</param>
internal sealed record ScanBenchPlan(
    IReadOnlyList<int> Lengths, int Heads, IReadOnlyList<(int Rows, int Columns)> Shapes, TimeSpan WarmUp, TimeSpan Budget)
{
    /// <summary>
    /// The sizes of mamba2-130m, whose convolution has 1792 channels; tensors of 3.7 MB, as in a training step or a prefill, which stay in a
    /// cache, and of 59 MB, which no cache holds. The small ones come first, so that the large ones find their code compiled.
    /// </summary>
    public static ScanBenchPlan Default { get; } = new(
        [512, 2048], 24, [(512, 1792), (8192, 1792)], Rounds.WarmUp, Budget: TimeSpan.FromMilliseconds(350));

    /// <summary>Rows that come of it.</summary>
    public int RowCount => Lengths.Count + Shapes.Count * ScanBench.StreamKernels;
}
