namespace SpikeEngine.Benchmarks.Operations;

/// <summary>What is measured.</summary>
internal static class OpCases
{
    /// <summary>Sizes of a training step: some megabytes for each operand, which is beyond the second-level cache.</summary>
    public static IReadOnlyList<OpCase> All { get; } = [];

    /// <summary>From a few hundred elements to where threads pay.</summary>
    public static IReadOnlyList<OpCase> Small { get; } =
    [
        .. new[] { 256, 4_096, 16_384, 32_768, 65_536, 131_072, 524_288 }.Select(n => new OpCase("Silu", t => Ops.Silu(t[0]), [n])),
        .. new[] { 256, 4_096, 16_384, 32_768, 65_536, 131_072, 524_288 }.Select(n => new OpCase("Add", t => Ops.Add(t[0], t[1]), [n], [n])),
        .. new[] { 8, 32, 64, 128, 512, 2_048 }.Select(n => new OpCase("RmsNorm", t => Ops.RmsNorm(t[0], t[1]), [n, 256], [256])),
        .. new[] { 8, 16, 32, 64, 128, 256 }.Select(n => new OpCase("Linear", t => Ops.Linear(t[0], t[1]), [n, n], [n, n])),
    ];
}
