using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Checkpoints.PyTorch;
using SpikeEngine.Model.Opt;

namespace SpikeEngine.Tests.Model.Opt;

/// <summary>Folders of transformers: written and read, in the forms that Hugging Face's checkpoints have.</summary>
public sealed class OptFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => TinyOpt.All;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void AFolderHasTheModel(string name)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Of(name));
        ModelFolder.Save(_folder.Path, model);
        OptLanguageModel read = ModelFolder.Load<OptLanguageModel>(_folder.Path);
        Assert.Equal(model.Config, read.Config);
        Assert.All(model.Parameters(), parameter => Assert.Equal(parameter.Values.ToArray(), read.Store[parameter.Path].Values.ToArray()));
        Assert.Equal(model.Config.Tensors().Select(t => (t.Name, new Shape(t.Dims))), model.Parameters().Select(p => (p.Path, p.Shape)));
    }

    /// <summary>facebook/opt-* are pickled state dicts, some without "model." in front, most with the tied head beside the embedding.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void APickledStateDictIsRead(bool ofTheBareDecoder)
    {
        OptLanguageModel model = TinyOpt.Model(TinyOpt.Config);
        OptConfigFile.Save(_folder.File("config.json"), model.Config);
        TensorContent[] tensors = [.. model.Parameters().Select(p => TensorContent.Of(ofTheBareDecoder ? p.Path["model.".Length..] : p.Path, p.Shape.Dims.ToArray(), p.ValueMemory))];
        PyTorchWriter.Write(_folder.File("pytorch_model.bin"), tensors, ofTheBareDecoder ? [] : [("lm_head.weight", "model.decoder.embed_tokens.weight")]);
        int[] ids = TinyOpt.Tokens(9);
        Assert.Equal(model.ToDecoder().Forward(ids, 1).ToArray(), LanguageDecoder.Load(_folder.Path).Forward(ids, 1).ToArray());
    }

    [Fact]
    public void WhatTheFileLeavesOutIsAsTransformersHasIt()
    {
        OptConfig config = OptConfigFile.Load(_folder.Write("config.json", """{ "model_type": "opt", "hidden_size": 768 }"""));
        Assert.Equal(OptShapes.Of("opt-125m"), config);
    }

    [Theory]
    [InlineData("""{ "model_type": "opt", "activation_function": "gelu" }""", "activation_function is 'gelu'")]
    [InlineData("""{ "model_type": "opt", "num_attention_heads": 7 }""", "HeadCount 7 does not divide DModel 768")]
    [InlineData("""{ "model_type": "opt", "_remove_final_layer_norm": true }""", "_remove_final_layer_norm is true")]
    [InlineData("""{ "model_type": "opt", "layer_norm_elementwise_affine": false }""", "layer_norm_elementwise_affine is false")]
    [InlineData("""{ "model_type": "opt", "spiking": {} }""", "spiking is there, but model_type is not 'bispikclm'")]
    [InlineData("""{ "model_type": "bispikclm" }""", "spiking is missing")]
    [InlineData("""{ "model_type": "bispikclm", "spiking": { "time_steps": 5 } }""", "TimeSteps is 5, not from 1 to 4")]
    [InlineData("""{ "model_type": "bispikclm", "spiking": { "beta": 1 } }""", "Beta is 1")]
    [InlineData("""{ "model_type": "bispikclm", "spiking": { "threshold": 0 } }""", "Threshold is 0")]
    [InlineData("""{ "model_type": "bispikclm", "num_attention_heads": 6, "spiking": { "threshold": 40, "time_steps": 4 } }""", "Threshold 40 and Beta 0.9 with TimeSteps 4")]
    [InlineData("""{ "model_type": "bispikclm", "spiking": { "residual": "sum" } }""", "spiking.residual is 'sum', not one of spikes, stream")]
    [InlineData("""{ "model_type": "bispikclm", "spiking": {}, "word_embed_proj_dim": 512 }""", "an embedding as wide as the rest")]
    public void WhatCannotBeIsRefusedByName(string json, string message) => Assert.Contains(
        message, Assert.Throws<InvalidDataException>(() => ModelConfig.Load(_folder.Write("config.json", json))).Message, StringComparison.Ordinal);

    [Fact]
    public void ShapesOfPublishedModelsHaveTheirNumberOfParameters()
    {
        Assert.Equal(125_239_296, Parameters("opt-125m"));
        Assert.Equal(331_196_416, Parameters("opt-350m"));
        Assert.Equal(1_315_758_080, Parameters("opt-1.3b"));

        static long Parameters(string shape) => OptShapes.Of(shape).Tensors().Sum(tensor => (long)new Shape(tensor.Dims).Count);
    }

    [Fact]
    public void AMamba2FolderIsRefusedWhereATransformerIsWanted()
    {
        ModelFolder.Save(_folder.Path, TinyModels.Dense());
        Assert.Contains("of type 'mamba2'", Assert.Throws<InvalidDataException>(() => ModelFolder.Load<OptLanguageModel>(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("'mamba2', not 'opt'", Assert.Throws<InvalidDataException>(() => OptDecoder.Load(_folder.Path)).Message, StringComparison.Ordinal);
    }
}
