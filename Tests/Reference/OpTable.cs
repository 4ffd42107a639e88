namespace SpikeEngine.Tests.Reference;

/// <summary>Every operation once or more: a row here adds its gradient check, its determinism and its place in all tables of tests.</summary>
public static partial class OpTable
{
    /// <summary>All rows by name.</summary>
    public static IReadOnlyDictionary<string, OpRow> Rows { get; } = new OpRow[][]
    {
        Mamba(),
        Reductions(),
        MatMul(),
        Shapes(),
        Vision(),
        Arithmetic(),
        Attention(),
    }.SelectMany(rows => rows).ToDictionary(row => row.Name);

    /// <summary>Names of all rows, for theories.</summary>
    public static TheoryData<string> Names => [.. Rows.Keys];

    /// <summary>Positive numbers away from 0.</summary>
    private static void Positive(Memory<float> values)
    {
        foreach (ref float value in values.Span)
            value = 0.3f + MathF.Abs(value);
    }
}
