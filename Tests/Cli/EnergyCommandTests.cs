using System.Text.Json.Nodes;
using SpikeEngine.Cli;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Training.Evaluation.Tasks;

namespace SpikeEngine.Tests.Cli;

/// <summary><c>spike energy</c>: tables, file, constants.</summary>
[Collection(Lanes.Name)]
public sealed class EnergyCommandTests : IDisposable
{
    private readonly TinyText _text = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _text.Dispose();
    }

    [Fact]
    public async Task ASpikingModelIsCountedModelledAndMeasured()
    {
        (int code, string output, string error) = await Energy(_text.Model.ToSpikingStudent(new SpikingConfig()), "--e-mac", "10", "--json", _folder.File("out/energy.json"));
        Assert.Equal((0, ""), (code, error));
        foreach (string part in (string[])["block", "layer 0", "AC unrolled", "x with DRAM", "negative, %", "dead", "s = -4, %", "from token", "multiplied, int8", "E_MAC 10", "d_out * sum of |s|", "package energy:"])
            Assert.Contains(part, output, StringComparison.Ordinal);

        JsonNode report = JsonNode.Parse(File.ReadAllText(_folder.File("out/energy.json")))!;
        Assert.True((bool)report["spiking"]!);
        JsonNode block = report["scopes"]!.AsArray()[1]!;
        Assert.Equal(10 * (double)block["dense_macs"]!, (double)block["dense_pj"]!, 1e-6);
        Assert.Equal((double)block["dense_pj"]! / (double)block["spiking_pj"]!, (double)block["x"]!, 1e-9);
        Assert.Equal(4, report["times"]!.AsArray().Count);
        Assert.All(report["spikes"]!.AsArray(), s => Assert.Equal(1, s!["levels"]!.AsObject().Sum(l => (double)l.Value!), 1e-9));
        Assert.Equal(2 * _text.Model.Config.LayerCount, report["spikes"]!.AsArray().Count);
    }

    [Fact]
    public async Task ADenseModelSaysThatItIs()
    {
        (int code, string output, _) = await Energy(_text.Model);
        Assert.Equal(0, code);
        Assert.Contains("The model is dense", output, StringComparison.Ordinal);
        Assert.DoesNotContain("negative", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConstantThatIsNoneIsRefused()
    {
        (int code, _, string error) = await Energy(_text.Model, "--e-ac", "-1");
        Assert.Equal(2, code);
        Assert.Contains("--e-ac is '-1'; it must be a number of picojoules", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> Energy(Mamba2LanguageModel model, params string[] options)
    {
        string folder = Directory.CreateDirectory(_folder.File("model")).FullName;
        ModelFolder.Save(folder, model, _text.TokenizerFile);
        string text = _folder.Write("text.txt", string.Join('\n', _text.Lines));
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(["energy", "--model", folder, "--text", text, .. options], () => TextReader.Null, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
