using Xunit.Sdk;

namespace SpikeEngine.Tests.Reference;

public class GoldenCaseTests
{
    public static TheoryData<string> Groups => ["B_grads", "C_ops", "D_spiking"];

    [Theory]
    [MemberData(nameof(Groups))]
    public void EveryCaseAgreesWithItself(string group)
    {
        foreach (string path in GoldenFiles.Files(group, "*.safetensors"))
        {
            using GoldenCase golden = new(path);
            foreach (string name in new[] { "in.x", "out.y", "loss_hf" }.Where(golden.Has))
                golden.AssertClose(name, golden.Floats(name), atol: 0, rtol: 0);
        }
    }

    [Fact]
    public void ACaseTellsItsOperationShapesAndTolerance()
    {
        using var golden = Ours("C_ops", "ssd_g1.safetensors");

        Assert.Equal("ssd", golden.Op);
        Assert.Equal(4, golden.Config.GetProperty("chunk_size").GetInt32());
        Assert.Equal([2, 11, 3, 4], golden.Shape("in.x"));
        Assert.Equal(3e-5, golden.Tolerance.GetProperty("atol").GetDouble());
        Assert.False(golden.Has("in.nothing"));
    }

    [Fact]
    public void InfiniteConfigValuesAreRead()
    {
        using var golden = Ours("B_grads", "b1_tied_g1.safetensors");

        Assert.Equal(double.PositiveInfinity, GoldenCase.Number(golden.Config.GetProperty("time_step_limit")[1]));
        Assert.Equal([2, 19], golden.Shape("input_ids"));
        Assert.Equal(38, golden.Ids("input_ids").Length);
    }

    [Fact]
    public void AFailureNamesFileTensorIndexValuesAndRatio()
    {
        using var golden = Ours("C_ops", "silu.safetensors");
        float[] actual = golden.Floats("out.y");
        actual[3] += 1f;

        string message = Assert.Throws<FailException>(() => golden.AssertClose("out.y", actual)).Message;

        foreach (string part in new[] { "silu.safetensors", "out.y[3]", $"{actual[3]:R}", "times what is allowed" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsAreMeasuredAgainstTheLargestValue()
    {
        using var golden = Ours("C_ops", "silu.safetensors");
        float[] actual = golden.Floats("out.y");
        float max = actual.Max(Math.Abs);
        actual[0] += 1e-3f * max;

        golden.AssertCloseToMax("out.y", actual, relToMax: 2e-3);
        Assert.Throws<FailException>(() => golden.AssertCloseToMax("out.y", actual, relToMax: 5e-4));
    }

    [Fact]
    public void NotANumberIsNeverCloseToANumber()
    {
        using var golden = Ours("C_ops", "silu.safetensors");
        float[] actual = golden.Floats("out.y");
        actual[0] = float.NaN;

        Assert.Throws<FailException>(() => golden.AssertClose("out.y", actual, atol: 1e30, rtol: 1));
        Assert.Throws<FailException>(() => golden.AssertCloseToMax("out.y", actual, relToMax: 1e30));
    }

    [Fact]
    public void AnEmptyGroupIsAnError() => Assert.Throws<FileNotFoundException>(() => GoldenFiles.Files("C_ops", "*.nothing"));

    /// <summary>A case of this project, whatever folder the vectors are read from.</summary>
    private static GoldenCase Ours(string group, string file) => new(Path.Combine(AppContext.BaseDirectory, "Golden", group, file));
}
