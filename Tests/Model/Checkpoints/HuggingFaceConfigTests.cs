using System.Text.Json;
using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Tests.Reference;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class HuggingFaceConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => GoldenFiles.Models;

    public static TheoryData<string> BrokenConfigs => LoaderManifest.Files("dirs/config_", "refuse");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void EveryModelConfigurationAgreesWithItsVectors(string model)
    {
        Mamba2Config config = LoadModel(model);
        using var golden = GoldenCase.Open(Path.Combine("A_models", model), "expected.safetensors");
        JsonElement expected = golden.Config;

        Assert.Equal(expected.GetProperty("vocab_size").GetInt32(), config.VocabSize);
        Assert.Equal(expected.GetProperty("hidden_size").GetInt32(), config.DModel);
        Assert.Equal(expected.GetProperty("num_hidden_layers").GetInt32(), config.LayerCount);
        Assert.Equal(expected.GetProperty("state_size").GetInt32(), config.DState);
        Assert.Equal(expected.GetProperty("head_dim").GetInt32(), config.HeadDim);
        Assert.Equal(expected.GetProperty("num_heads").GetInt32(), config.HeadCount);
        Assert.Equal(expected.GetProperty("n_groups").GetInt32(), config.GroupCount);
        Assert.Equal(expected.GetProperty("expand").GetInt32(), config.Expand);
        Assert.Equal(expected.GetProperty("conv_kernel").GetInt32(), config.DConv);
        Assert.Equal(expected.GetProperty("chunk_size").GetInt32(), config.ChunkSize);
        Assert.Equal(expected.GetProperty("layer_norm_epsilon").GetSingle(), config.NormEpsilon);
        Assert.Equal((float)GoldenCase.Number(expected.GetProperty("time_step_limit")[0]), config.DtLimitLow);
        Assert.Equal((float)GoldenCase.Number(expected.GetProperty("time_step_limit")[1]), config.DtLimitHigh);
        Assert.Equal(expected.GetProperty("tie").GetBoolean(), config.TieEmbeddings);
        Assert.Equal(expected.GetProperty("use_bias").GetBoolean(), config.UseBias);
        Assert.Equal(expected.GetProperty("use_conv_bias").GetBoolean(), config.UseConvBias);
        Assert.Equal(expected.GetProperty("residual_in_fp32").GetBoolean(), config.ResidualInFp32);
        Assert.False(config.GroupedNorm);
        Assert.Null(config.Spiking);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void TheWeightsHaveTheDerivedShapes(string model)
    {
        Mamba2Config config = LoadModel(model);
        using var weights = SafetensorsFile.Open(Path.Combine(GoldenFiles.Folder("A_models"), model, "hf", "model.safetensors"));

        Assert.Equal([config.VocabSize, config.DModel], weights["backbone.embeddings.weight"].Shape);
        Assert.Equal([config.InProjRows, config.DModel], weights["backbone.layers.0.mixer.in_proj.weight"].Shape);
        Assert.Equal([config.ConvChannels, 1, config.DConv], weights["backbone.layers.0.mixer.conv1d.weight"].Shape);
        Assert.Equal([config.HeadCount], weights["backbone.layers.0.mixer.A_log"].Shape);
        Assert.Equal(!config.TieEmbeddings, weights.Contains("lm_head.weight"));
        Assert.Equal(config.UseConvBias, weights.Contains("backbone.layers.0.mixer.conv1d.bias"));
        Assert.Equal(config.UseBias, weights.Contains("backbone.layers.0.mixer.in_proj.bias"));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void SavingAndLoadingGivesAnEqualConfiguration(string model)
    {
        Mamba2Config config = LoadModel(model);

        Assert.Equal(config, SaveAndLoad(config));
        Assert.Equal(config with { GroupedNorm = true }, SaveAndLoad(config with { GroupedNorm = true }));
    }

    [Fact]
    public void ASpikingModelKeepsItsNeuron()
    {
        Mamba2Config config = Small() with { Spiking = new SpikingConfig { Levels = 2, Alpha = 0.5f, Threshold = 0.7f } };

        Assert.Equal(config, SaveAndLoad(config));

        using var document = JsonDocument.Parse(File.ReadAllBytes(_folder.File("config.json")));
        Assert.Equal("""{"neuron":"ti_lif","levels":2,"alpha":0.5,"threshold":0.7}""",
            JsonSerializer.Serialize(document.RootElement.GetProperty("spiking")));
    }

    [Fact]
    public void AWrittenFileIsWhatTransformersExpects()
    {
        HuggingFaceConfig.Save(_folder.File("config.json"), Small());

        using var document = JsonDocument.Parse(File.ReadAllBytes(_folder.File("config.json")));
        JsonElement root = document.RootElement;
        Assert.Equal("mamba2", root.GetProperty("model_type").GetString());
        Assert.Equal("Mamba2ForCausalLM", root.GetProperty("architectures")[0].GetString());
        Assert.Equal("float32", root.GetProperty("dtype").GetString());
        Assert.Equal(4, root.GetProperty("num_heads").GetInt32());
        Assert.Equal("Infinity", root.GetProperty("time_step_limit")[1].GetProperty("__float__").GetString());
        foreach (string id in new[] { "bos_token_id", "eos_token_id", "pad_token_id" })
            Assert.Equal(0, root.GetProperty(id).GetInt32());
        Assert.False(root.TryGetProperty("spiking", out _));
        Assert.False(root.TryGetProperty("grouped_norm", out _));
    }

    [Theory]
    [InlineData("[0.0, Infinity]", 0f, float.PositiveInfinity)]
    [InlineData("[0, {\"__float__\": \"Infinity\"}]", 0f, float.PositiveInfinity)]
    [InlineData("[0.02, 0.15]", 0.02f, 0.15f)]
    [InlineData("null", 0f, float.PositiveInfinity)]
    public void EveryFormOfALimitIsRead(string limit, float low, float high)
    {
        Mamba2Config config = LoadText($$"""{"model_type": "mamba2", "note": "Infinity \" NaN", "time_step_limit": {{limit}}}""");

        Assert.Equal((low, high), (config.DtLimitLow, config.DtLimitHigh));
    }

    [Fact]
    public void MissingFieldsTakeTheDefaultsOfTransformers()
    {
        Mamba2Config expected = new() { VocabSize = 32768, DModel = 4096, LayerCount = 64, GroupCount = 8, TieEmbeddings = false };

        Assert.Equal(expected, LoadText("""{"model_type": "mamba2"}"""));
    }

    [Theory]
    [MemberData(nameof(BrokenConfigs))]
    public void ABrokenConfigurationIsRefusedByName(string folder)
    {
        string path = Path.Combine(LoaderManifest.PathOf(folder), "config.json");

        Assert.StartsWith(path, Assert.Throws<InvalidDataException>(() => HuggingFaceConfig.Load(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"hidden_act\": \"gelu\"", "hidden_act")]
    [InlineData("\"norm_before_gate\": true", "norm_before_gate")]
    [InlineData("\"rms_norm\": false", "rms_norm")]
    [InlineData("\"hidden_size\": 4096.5", "hidden_size is 4096.5")]
    [InlineData("\"hidden_size\": -1", "hidden_size is -1")]
    [InlineData("\"use_bias\": 1", "use_bias")]
    [InlineData("\"num_heads\": 5", "5 * 64 = 320, but expand * hidden_size = 2 * 4096 = 8192")]
    [InlineData("\"n_groups\": 3", "GroupCount 3")]
    [InlineData("\"time_step_limit\": [0.1]", "time_step_limit")]
    [InlineData("\"time_step_limit\": [NaN, 1]", "DtLimitLow")]
    [InlineData("\"layer_norm_epsilon\": -Infinity", "NormEpsilon")]
    [InlineData("\"layer_norm_epsilon\": {\"__float__\": 1}", "layer_norm_epsilon")]
    [InlineData("\"spiking\": true", "spiking")]
    [InlineData("\"spiking\": {\"levels\": 9}", "Levels")]
    [InlineData("\"spiking\": {\"levels\": \"4\"}", "spiking.levels")]
    [InlineData("\"spiking\": {\"neuron\": \"plif\"}", "plif")]
    public void AnUnsupportedSettingIsNamed(string setting, string offence)
    {
        string json = $$"""{"model_type": "mamba2", {{setting}}}""";

        Assert.Contains(offence, Assert.Throws<InvalidDataException>(() => LoadText(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnInvalidConfigurationIsNotSaved()
    {
        Assert.Throws<ArgumentException>(() => HuggingFaceConfig.Save(_folder.File("config.json"), Small() with { HeadDim = 7 }));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static Mamba2Config Small() => new() { VocabSize = 64, DModel = 32, LayerCount = 2, HeadDim = 16 };

    private static Mamba2Config LoadModel(string model) =>
        HuggingFaceConfig.Load(Path.Combine(GoldenFiles.Folder("A_models"), model, "hf", "config.json"));

    private Mamba2Config LoadText(string json) => HuggingFaceConfig.Load(_folder.Write("config.json", json));

    private Mamba2Config SaveAndLoad(Mamba2Config config)
    {
        HuggingFaceConfig.Save(_folder.File("config.json"), config);
        return HuggingFaceConfig.Load(_folder.File("config.json"));
    }
}
