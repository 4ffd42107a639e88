using System.Text.Json;
using SpikeEngine.Cli;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Cli;

/// <summary>The verbs that look at a whole model: verify and bench model.</summary>
[Trait(RunsOnce.Trait, RunsOnce.Value)]
[Collection(Lanes.Name)]
public sealed class ModelCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelCommandsTests() => ModelFolder.Save(_folder.Path, TinyModels.Dense());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData]
    [InlineData("--spiking", "D=2,rate=0.3")]
    public async Task Verify_finds_a_model_the_same_however_it_is_run(params string[] options)
    {
        (int code, string output, string error) = await Run(["verify", "--model", _folder.Path, "--json", .. options]);
        Assert.Equal(("", 0), (error, code));
        using var report = JsonDocument.Parse(output);
        Assert.True(report.RootElement.GetProperty("passes").GetBoolean());
        Assert.Equal(6, report.RootElement.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task Verify_fails_when_logits_are_no_numbers()
    {
        Mamba2LanguageModel model = TinyModels.Dense();
        model.NormF.Weight.Values.Fill(3e38f);
        ModelFolder.Save(_folder.Path, model);
        (int code, string output, _) = await Run("verify", "--model", _folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("DIFFERENT", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_model_has_a_row_for_each_phase()
    {
        string json = _folder.File("bench.json");
        (int code, string output, _) = await Run(
            "bench", "model", "--model", _folder.Path, "--prompt", "20", "--generate", "8", "--threads", "1,2", "--rates", "0.2", "--json", json);
        Assert.Equal(0, code);
        Assert.Contains("decode_spiking", output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(File.ReadAllBytes(json));
        JsonElement[] rows = [.. report.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal(
            ["load", "prefill", "decode", "prefill", "decode", "decode_spiking", "decode_spiking"], rows.Select(row => row.GetProperty("phase").GetString()));
        Assert.All(rows, row => Assert.Equal("f32", row.GetProperty("weight").GetString()));
        Assert.All(rows[1..], row => Assert.True(row.GetProperty("tok_s").GetDouble() > 0 && row.GetProperty("of_bound").GetDouble() > 0));
        Assert.All(rows[^2..], row => Assert.InRange(row.GetProperty("spike_rate").GetDouble(), 0.05, 0.4));
        Assert.Equal([1, 1, 2, 2, 1, 2], rows[1..].Select(row => row.GetProperty("threads").GetInt32()));
    }

    [Theory]
    [InlineData("--threads", "0")]
    [InlineData("--rates", "1.5")]
    [InlineData("--weights", "int4")]
    public async Task Bench_model_refuses_what_cannot_be(string option, string value)
    {
        (int code, _, string error) = await Run("bench", "model", "--model", _folder.Path, option, value);
        Assert.NotEqual(0, code);
        Assert.Contains(value, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("D=4", 4, 1f, null)]
    [InlineData("D=2,threshold=0.5", 2, 0.5f, null)]
    [InlineData("rate=0.25", 4, 1f, 0.25)]
    public void Neurons_are_read(string text, int levels, float threshold, double? rate)
    {
        SpikingOption option = SpikingOption.Parse(text)!;
        Assert.Equal((levels, threshold, rate), (option.Config.Levels, option.Config.Threshold, option.Rate));
    }

    [Theory]
    [InlineData("")]
    [InlineData("D=9")]
    [InlineData("D=4,rate=1")]
    [InlineData("threshold=-1")]
    [InlineData("d=4")]
    public void Neurons_that_cannot_be_are_refused(string text) => Assert.Throws<ArgumentException>(() => SpikingOption.Parse(text));

    private static async Task<(int Code, string Output, string Error)> Run(params string[] args)
    {
        int threads = RowParallel.Threads;
        using StringWriter output = new(), error = new();
        try
        {
            int code = await SpikeCommandLine.RunAsync(args, () => TextReader.Null, output, error);
            return (code, output.ToString(), error.ToString());
        }
        finally
        {
            RowParallel.Threads = threads;
        }
    }
}
