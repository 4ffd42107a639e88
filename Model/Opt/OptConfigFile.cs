using System.Text.Json;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>
/// The <c>config.json</c> of a Hugging Face OPT model, and of a BiSpikCLM one: the same fields, <c>model_type</c> bispikclm, and the object
/// <c>spiking</c>.
/// </summary>
public static class OptConfigFile
{
    internal const string ModelType = "opt";
    internal const string SpikingModelType = "bispikclm";
    private const string Activation = "relu";
    private const string Epsilon = "layer_norm_epsilon";   // ours: transformers' OPT knows one only
    private const float UsualEpsilon = 1e-5f;

    internal static (string Name, SpikingResidual Value)[] Residuals { get; } = [("spikes", SpikingResidual.Spikes), ("stream", SpikingResidual.Stream)];

    /// <summary>Reads a configuration. What it leaves out takes the defaults of transformers' OPTConfig, not of ours.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, of another architecture, or asks for something unsupported.</exception>
    public static OptConfig Load(string path) => ConfigDocument.Load(path, Read);

    /// <summary>Writes a configuration that <see cref="Load"/> reads, and transformers if it is of a dense model; whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">What it says.</param>
    /// <param name="type">How the matrices are stored, which transformers asks for.</param>
    public static void Save(string path, OptConfig config, StorageType type = StorageType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        ConfigDocument.Save(path, json => Write(json, config, type));
    }

    internal static OptConfig Read(ConfigFields fields)
    {
        bool isSpiking = fields.Text("model_type", "") == SpikingModelType;
        string activation = fields.Text("activation_function", Activation);
        if (activation != Activation)
            throw fields.Broken("activation_function", $"is '{activation}', only '{Activation}' is supported");
        if (!fields.Flag("layer_norm_elementwise_affine", true))
            throw fields.Broken("layer_norm_elementwise_affine", "is false, only norms with weights are supported");
        bool normBefore = fields.Flag("do_layer_norm_before", true);
        if (normBefore && fields.Flag("_remove_final_layer_norm", false))
            throw fields.Broken("_remove_final_layer_norm", "is true, only models with a last norm are supported");
        int width = fields.Size("hidden_size", 768), embed = fields.Size("word_embed_proj_dim", width);
        return new OptConfig
        {
            VocabSize = fields.Size("vocab_size", 50272),
            DModel = width,
            LayerCount = fields.Size("num_hidden_layers", 12),
            HeadCount = fields.Size("num_attention_heads", 12),
            FfnDim = fields.Size("ffn_dim", 3072),
            MaxPositions = fields.Size("max_position_embeddings", 2048),
            EmbedDim = embed == width ? null : embed,
            NormBefore = normBefore,
            UseBias = fields.Flag("enable_bias", true),
            NormEpsilon = fields.Number(Epsilon, UsualEpsilon),
            TieEmbeddings = fields.Flag("tie_word_embeddings", true),
            BosTokenId = fields.Count("bos_token_id", 2),
            EosTokenId = fields.Count("eos_token_id", 2),
            Spiking = ReadSpiking(fields, isSpiking),
        };
    }

    private static BinarySpiking? ReadSpiking(ConfigFields fields, bool isSpiking)
    {
        ConfigFields? object_ = fields.Object("spiking");
        if (!isSpiking)
            return object_ is null ? null : throw fields.Broken("spiking", $"is there, but model_type is not '{SpikingModelType}'");
        ConfigFields spiking = object_ ?? throw fields.Broken("spiking", $"is missing, which a model of type '{SpikingModelType}' has");
        BinarySpiking d = new();
        return new BinarySpiking
        {
            TimeSteps = spiking.Size("time_steps", d.TimeSteps),
            Threshold = spiking.Number("threshold", d.Threshold),
            Beta = spiking.Number("beta", d.Beta),
            SurrogateAlpha = spiking.Number("surrogate_alpha", d.SurrogateAlpha),
            DetachesReset = spiking.Flag("detach_reset", d.DetachesReset),
            ResetsAfterLeak = spiking.Flag("reset_after_leak", d.ResetsAfterLeak),
            PreNorm = spiking.Flag("pre_norm", d.PreNorm),
            Residual = spiking.Choice("residual", Residuals, d.Residual),
            InputScale = spiking.Number("input_scale", d.InputScale),
        };
    }

    private static void Write(Utf8JsonWriter json, OptConfig config, StorageType type)
    {
        json.WriteStartObject();
        json.WriteString("activation_function", Activation);
        json.WriteStartArray("architectures");
        json.WriteStringValue(config.IsSpiking ? "BiSpikCLMForCausalLM" : "OPTForCausalLM");
        json.WriteEndArray();
        json.WriteNumber("bos_token_id", config.BosTokenId);
        json.WriteBoolean("do_layer_norm_before", config.NormBefore);
        json.WriteString("dtype", ConfigDocument.DtypeOf(type));
        json.WriteBoolean("enable_bias", config.UseBias);
        json.WriteNumber("eos_token_id", config.EosTokenId);
        json.WriteNumber("ffn_dim", config.FfnDim);
        json.WriteNumber("hidden_size", config.DModel);
        if (config.NormEpsilon != UsualEpsilon)
            json.WriteNumber(Epsilon, config.NormEpsilon);
        json.WriteNumber("max_position_embeddings", config.MaxPositions);
        json.WriteString("model_type", config.ModelType);
        json.WriteNumber("num_attention_heads", config.HeadCount);
        json.WriteNumber("num_hidden_layers", config.LayerCount);
        if (config.Spiking is not null)
            WriteSpiking(json, config.Spiking);
        json.WriteBoolean("tie_word_embeddings", config.TieEmbeddings);
        json.WriteNumber("vocab_size", config.VocabSize);
        json.WriteNumber("word_embed_proj_dim", config.EmbeddingWidth);
        json.WriteEndObject();
    }

    private static void WriteSpiking(Utf8JsonWriter json, BinarySpiking spiking)
    {
        json.WriteStartObject("spiking");
        json.WriteNumber("time_steps", spiking.TimeSteps);
        json.WriteNumber("threshold", spiking.Threshold);
        json.WriteNumber("beta", spiking.Beta);
        json.WriteNumber("surrogate_alpha", spiking.SurrogateAlpha);
        json.WriteBoolean("detach_reset", spiking.DetachesReset);
        json.WriteBoolean("reset_after_leak", spiking.ResetsAfterLeak);
        json.WriteBoolean("pre_norm", spiking.PreNorm);
        json.WriteString("residual", Residuals.NameOf(spiking.Residual));
        json.WriteNumber("input_scale", spiking.InputScale);
        json.WriteEndObject();
    }
}
