using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Tests.Model.Checkpoints;

public sealed class StateSpacesConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => GoldenFiles.ModelsIn("ss");

    public void Dispose() => _folder.Dispose();

    /// <summary>Both dialects of one model differ only in what state-spaces always does, and in the chunks, which are a matter of speed.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void BothDialectsOfAModelAgree(string model)
    {
        string folder = Path.Combine(GoldenFiles.Folder("A_models"), model);

        Mamba2Config ss = (Mamba2Config)ModelConfig.Load(Path.Combine(folder, "ss", "config.json"));

        Assert.Equal((Mamba2Config)ModelConfig.Load(Path.Combine(folder, "hf")) with { GroupedNorm = true, ChunkSize = ss.ChunkSize }, ss);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void SavingAndLoadingGivesAnEqualConfiguration(string model)
    {
        Mamba2Config config = (Mamba2Config)ModelConfig.Load(Path.Combine(GoldenFiles.Folder("A_models"), model, "ss"));

        Assert.Equal(config, SaveAndLoad(config));
        Assert.Equal(config with { DtLimitLow = 0.01f, DtLimitHigh = float.PositiveInfinity },
            SaveAndLoad(config with { DtLimitLow = 0.01f, DtLimitHigh = float.PositiveInfinity }));
    }

    [Fact]
    public void MissingFieldsTakeTheDefaultsOfStateSpaces()
    {
        Mamba2Config expected = new() { VocabSize = 50280, DModel = 2560, LayerCount = 64, GroupedNorm = true };

        Assert.Equal(expected, LoadText("""{"d_model": 2560, "ssm_cfg": {"layer": "Mamba2"}}"""));
    }

    [Theory]
    [InlineData(50277, 16, 50288)]
    [InlineData(50288, 16, 50288)]
    [InlineData(1, 128, 128)]
    [InlineData(77, 1, 77)]
    public void TheVocabularyIsPadded(int size, int multiple, int rows) => Assert.Equal(rows, LoadText(
        $$"""{"d_model": 64, "vocab_size": {{size}}, "pad_vocab_size_multiple": {{multiple}}, "ssm_cfg": {"layer": "Mamba2"} }""").VocabSize);

    [Theory]
    [InlineData("\"attn_layer_idx\": [3]", "", "attn_layer_idx")]
    [InlineData("\"attn_layer_idx\": 3", "", "attn_layer_idx is 3, expected an array")]
    [InlineData("\"d_intermediate\": 128", "", "d_intermediate")]
    [InlineData("\"rms_norm\": false", "", "rms_norm")]
    [InlineData("\"vocab_size\": 2147483647", "", "too large")]
    [InlineData("\"n_layer\": 0", "", "n_layer is 0")]
    [InlineData("", "\"layer\": \"Mamba1\"", "ssm_cfg.layer is 'Mamba1'")]
    [InlineData("", "\"layer\": null", "ssm_cfg.layer is 'Mamba1'")]
    [InlineData("", "\"norm_before_gate\": true", "ssm_cfg.norm_before_gate")]
    [InlineData("", "\"rmsnorm\": false", "ssm_cfg.rmsnorm")]
    [InlineData("", "\"D_has_hdim\": true", "ssm_cfg.D_has_hdim")]
    [InlineData("", "\"d_ssm\": 100", "ssm_cfg.d_ssm is not expand * d_model = 128")]
    [InlineData("", "\"activation\": \"gelu\"", "ssm_cfg.activation")]
    [InlineData("", "\"headdim\": 48", "HeadDim 48 does not divide")]
    [InlineData("", "\"dt_limit\": [1, 0.5]", "DtLimitLow")]
    public void AnUnsupportedSettingIsNamed(string setting, string layerSetting, string offence)
    {
        // The field that a test gives comes in place of the valid one.
        string[] fields = ["\"d_model\": 64", setting];
        string[] layer = [layerSetting.Contains("\"layer\"", StringComparison.Ordinal) ? "" : "\"layer\": \"Mamba2\"", layerSetting];
        string json = $$"""{ {{Join(fields)}}, "ssm_cfg": { {{Join(layer)}} } }""";

        string message = Assert.Throws<InvalidDataException>(() => LoadText(json)).Message;

        Assert.StartsWith(_folder.File("config.json"), message, StringComparison.Ordinal);
        Assert.Contains(offence, message, StringComparison.Ordinal);

        static string Join(string[] parts) => string.Join(", ", parts.Where(part => part.Length > 0));
    }

    [Theory]
    [InlineData("""{"d_model": 64}""", "ssm_cfg is missing")]
    [InlineData("""{"hidden_size": 64}""", "model_type")]
    public void AnotherKindOfModelIsNamed(string json, string offence) =>
        Assert.Contains(offence, Assert.Throws<InvalidDataException>(() => LoadText(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void TheWholeInnerWidthMayBeNamed() =>
        Assert.Equal(64, LoadText("""{"d_model": 64, "ssm_cfg": {"layer": "Mamba2", "d_ssm": 128}}""").DModel);

    [Fact]
    public void WhatTheFormatCannotSayIsNotWritten()
    {
        Mamba2Config config = TinyModels.Config with { GroupedNorm = true };

        AssertRefused(config with { Spiking = new SpikingConfig() });
        AssertRefused(config with { NormEpsilon = 1e-3f });
        AssertRefused(config with { GroupCount = config.HeadCount, GroupedNorm = false });
        Assert.Equal(config, SaveAndLoad(config with { GroupedNorm = false }));

        void AssertRefused(Mamba2Config refused)
        {
            Assert.Throws<ArgumentException>(() => StateSpacesConfig.Save(_folder.File("refused.json"), refused));
            Assert.False(File.Exists(_folder.File("refused.json")));
        }
    }

    private Mamba2Config SaveAndLoad(Mamba2Config config)
    {
        StateSpacesConfig.Save(_folder.File("config.json"), config);
        Assert.Equal((Mamba2Config)ModelConfig.Load(_folder.Path), StateSpacesConfig.Load(_folder.File("config.json")));
        return (Mamba2Config)ModelConfig.Load(_folder.Path);
    }

    private Mamba2Config LoadText(string json) => (Mamba2Config)ModelConfig.Load(_folder.Write("config.json", json));
}
