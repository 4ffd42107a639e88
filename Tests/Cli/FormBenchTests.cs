using SpikeEngine.Cli.Bench;
using SpikeEngine.Kernels;

namespace SpikeEngine.Tests.Cli;

[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public class FormBenchTests
{
    [Theory]
    [InlineData(StorageType.Int8, "int8")]
    [InlineData(StorageType.Float32, "f32")]
    public void TheFormsStandBelowTheirDenseProductWithWhatTheyAdd(StorageType type, string name)
    {
        // A weight that is not small, since copies fill a pool.
        BenchRow[] rows = [.. FormBench.Rows(new BenchContext(CancellationToken.None), (1, 512, 2_048), (type, name), [4], [0.3])];
        Assert.Equal(["dense", "integer", "ternary_planes", "expansion"], rows.Select(row => row.Kernel));
        Assert.Null(rows[0].Adds);
        Assert.All(rows, row => Assert.Equal((name, 4, 0.3, "1x512x2048"), (row.Weight, row.Levels, row.Density, row.Sizes)));
        Assert.All(rows[1..], row =>
        {
            Assert.Equal(row.AddsExpected!.Value, row.Adds!.Value, 1e-9);
            Assert.True(row.EncodeMs > 0 && row.Ms > 0 && row.SpeedupVsDense > 0);
        });
        Assert.Equal(rows[2].Adds, rows[3].Adds);
        Assert.InRange(rows[2].Adds!.Value / rows[1].Adds!.Value, 2.2, 2.6);   // levels 1 to 4 alike: 2.5 of them, less what D adds to one pass
    }

    [Theory]
    [InlineData(SpikeForm.OnePass, 3 + 4)]
    [InlineData(SpikeForm.TernaryPlanes, 8)]
    [InlineData(SpikeForm.Expansion, 8)]
    public void TheFormulaIsActiveInputsAndLevelsOrTheSumOfMagnitudes(SpikeForm form, double expected) =>
        Assert.Equal(expected, FormBench.Expected([0, 4, -3, 1], levels: 4, form));
}
