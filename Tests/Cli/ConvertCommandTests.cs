using SpikeEngine.Cli;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Cli;

[Collection(Lanes.Name)]
public sealed class ConvertCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_converted_model_shows_itself_and_converts_back()
    {
        string there = _folder.File("there"), back = _folder.File("back");
        (int code, string output, string error) = await Spike("convert", "--model", Golden("hf"), "--out", there, "--layout", "state-spaces");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"{there}: 0.1 MB, from {Golden("hf")}: 0.1 MB", output, StringComparison.Ordinal);
        Assert.EndsWith("pytorch_model.bin", WeightFiles.Find(there), StringComparison.Ordinal);
        (code, output, _) = await Spike("info", "--model", there);
        Assert.Equal(0, code);
        Assert.Contains("backbone.embedding.weight", output, StringComparison.Ordinal);

        Assert.Equal(0, (await Spike("convert", "--model", there, "--out", back)).Code);
        using Checkpoint first = Checkpoint.Open(Golden("hf")), last = Checkpoint.Open(back);
        Assert.Equal(first.Config, last.Config);
        Assert.All(first.Names, name => Assert.Equal(first.Bytes(name).ToArray(), last.Bytes(name).ToArray()));
    }

    [Fact]
    public async Task Types_are_those_asked_for_and_an_older_model_is_replaced()
    {
        string target = _folder.File("out");
        Assert.Equal(0, (await Spike("convert", "--model", Golden("hf"), "--out", target, "--layout", "state-spaces")).Code);
        Assert.Equal(0, (await Spike("convert", "--model", Golden("ss"), "--out", target, "--dtype", "int8", "--head", "bf16", "--shard-size", "1")).Code);
        using var checkpoint = Checkpoint.Open(target);
        Assert.Equal(TensorDType.BF16, checkpoint.Entry("backbone.embeddings.weight").DType);
        Assert.Equal(TensorDType.I8, checkpoint.Entry("backbone.layers.0.mixer.in_proj.weight").DType);
        Assert.Equal(TensorDType.F32, checkpoint.Entry("backbone.norm_f.weight").DType);
        Assert.Equal([ModelFolder.ConfigFile, ModelFolder.WeightsFile], Directory.GetFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("int8", "--layout", "state-spaces", "--dtype", "int8")]
    [InlineData("int8", "--layout", "state-spaces", "--dtype", "f32", "--head", "int8")]
    [InlineData("--shard-size", "--layout", "state-spaces", "--shard-size", "100")]
    [InlineData("--shard-size is '0'", "--shard-size", "0")]
    [InlineData("onnx", "--layout", "onnx")]
    [InlineData("f64", "--dtype", "f64")]
    public async Task Wrong_usage_is_2_and_writes_nothing(string offence, params string[] options)
    {
        string target = _folder.File("out");
        (int code, string output, string error) = await Spike(["convert", "--model", Golden("hf"), "--out", target, .. options]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(offence, error, StringComparison.Ordinal);
        Assert.Contains("see `spike convert --help`", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public async Task What_would_cost_files_is_refused()
    {
        string model = _folder.File("parent/model");
        Directory.CreateDirectory(Path.GetDirectoryName(model)!);
        Assert.Equal(0, (await Spike("convert", "--model", Golden("hf"), "--out", model)).Code);
        string link = Directory.CreateSymbolicLink(_folder.File("link"), model).FullName;
        _folder.Write("mine/notes.txt", "");
        _folder.Write("mixed/notes.txt", "");
        _folder.Write("mixed/config.json", "{}");

        await Fails("is the model itself", "--model", model, "--out", model);
        await Fails("is the model itself", "--model", model, "--out", Path.Combine(model, "..", "model") + Path.DirectorySeparatorChar);
        await Fails("is the model itself", "--model", link, "--out", model);
        await Fails("is the model itself", "--model", model, "--out", link);
        await Fails("holds the model", "--model", model, "--out", _folder.File("parent"));
        await Fails("no config.json", "--model", model, "--out", _folder.File("mine"));
        await Fails("holds 'notes.txt'", "--model", model, "--out", _folder.File("mixed"));
        await Fails("gone", "--model", _folder.File("gone"), "--out", _folder.File("out"));
        await Fails("epsilon", "--model", Path.Combine(GoldenFiles.Folder("A_models"), "m6_eps_g1", "hf"), "--out", _folder.File("out"), "--layout", "state-spaces");
        Assert.False(Directory.Exists(_folder.File("out")));
        Assert.Equal(0, (await Spike("info", "--model", model)).Code);
    }

    [Fact]
    public async Task A_stopped_conversion_is_130_and_leaves_nothing()
    {
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        Assert.Equal(130, (await Spike(stop.Token, "convert", "--model", Golden("hf"), "--out", _folder.File("out"))).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private async Task Fails(string offence, params string[] options)
    {
        (int code, _, string error) = await Spike(["convert", .. options]);
        Assert.Equal(1, code);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains(offence, error, StringComparison.Ordinal);
    }

    private static string Golden(string form) => Path.Combine(GoldenFiles.Folder("A_models"), "m1_tied_g1", form);

    private static Task<(int Code, string Output, string Error)> Spike(params string[] args) => Spike(default, args);

    private static async Task<(int Code, string Output, string Error)> Spike(CancellationToken cancellation, params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = await SpikeCommandLine.RunAsync(args, () => TextReader.Null, output, error, cancellation);
        return (code, output.ToString(), error.ToString());
    }
}
