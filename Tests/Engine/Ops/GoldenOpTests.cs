namespace SpikeEngine.Tests.Engine;

/// <summary>Every golden vector of a single operation that a table knows, values and gradients, at every register width.</summary>
[Collection(Lanes.Name)]
public class GoldenOpTests
{
    /// <summary>One row for each op name of the golden files; a new operation adds its row to one of the tables.</summary>
    private static readonly Dictionary<string, Action<GoldenCase>> s_runners = new(
    [
        .. GoldenMambaOps.Rows,
        .. GoldenSpikingOps.Rows,
        .. GoldenReductionsOps.Rows,
        .. GoldenShapesOps.Rows,
        .. GoldenArithmeticOps.Rows,
    ]);

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string group in new[] { "C_ops", "D_spiking" })
            {
                foreach (string path in GoldenFiles.Files(group, "*.safetensors"))
                {
                    using GoldenCase golden = new(path);
                    if (s_runners.ContainsKey(golden.Op))
                        cases.Add(group, golden.Name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ValuesAndGradientsMatch(string group, string file)
    {
        using var golden = GoldenCase.Open(group, file);
        Lanes.AtEveryWidth(() => s_runners[golden.Op](golden));
    }

    /// <summary>A vector that nothing runs would be a test that cannot fail. The optimiser's have tests of their own.</summary>
    [Fact]
    public void EveryVectorOfAnOperationIsRun()
    {
        foreach (string path in GoldenFiles.Files("C_ops", "*.safetensors").Concat(GoldenFiles.Files("D_spiking", "*.safetensors")))
        {
            using GoldenCase golden = new(path);
            Assert.True(s_runners.ContainsKey(golden.Op) || golden.Op is "adamw" or "clip_grad_norm" or "cosine", $"nothing runs {golden.Name} ({golden.Op})");
        }
    }
}
