using System.Text.Json;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// The <c>config.json</c> of a Hugging Face Mamba2 model. Two things are ours and ignored by others: the object
/// <c>spiking</c>, and <c>grouped_norm</c>, written only for models that have them.
/// </summary>
public static class HuggingFaceConfig
{
    internal const string ModelType = "mamba2";
    private const string Activation = "silu";

    /// <summary>Reads a configuration. What it leaves out takes the defaults of transformers' Mamba2Config, not of ours.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, of another architecture, or asks for something unsupported.</exception>
    public static Mamba2Config Load(string path) => ConfigDocument.Load(path, Read);

    /// <summary>Writes a configuration that transformers and <see cref="Load"/> read, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">What it says.</param>
    /// <param name="type">How the matrices are stored, which transformers asks for. It has no word for bytes with scales: single precision then, that of the rest.</param>
    public static void Save(string path, Mamba2Config config, StorageType type = StorageType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        ConfigDocument.Save(path, json => Write(json, config, type));
    }

    internal static Mamba2Config Read(ConfigFields fields)
    {
        RequireSupported(fields);
        (float low, float high) = fields.Range("time_step_limit", (0f, float.PositiveInfinity));
        Mamba2Config config = new()
        {
            VocabSize = fields.Size("vocab_size", 32768),
            DModel = fields.Size("hidden_size", 4096),
            LayerCount = fields.Size("num_hidden_layers", 64),
            DState = fields.Size("state_size", 128),
            HeadDim = fields.Size("head_dim", 64),
            GroupCount = fields.Size("n_groups", 8),
            Expand = fields.Size("expand", 2),
            DConv = fields.Size("conv_kernel", 4),
            ChunkSize = fields.Size("chunk_size", 256),
            NormEpsilon = fields.Number("layer_norm_epsilon", 1e-5f),
            DtLimitLow = low,
            DtLimitHigh = high,
            TieEmbeddings = fields.Flag("tie_word_embeddings", false),
            UseBias = fields.Flag("use_bias", false),
            UseConvBias = fields.Flag("use_conv_bias", true),
            GroupedNorm = fields.Flag("grouped_norm", false),
            ResidualInFp32 = fields.Flag("residual_in_fp32", true),
            Spiking = ReadSpiking(fields.Object("spiking")),
        };
        RequireHeads(fields, config);
        return config;
    }

    private static void RequireSupported(ConfigFields fields)
    {
        string type = fields.Text("model_type", "");
        if (type != ModelType)
            throw fields.Broken("model_type", $"is '{type}', only '{ModelType}' is supported");
        string activation = fields.Text("hidden_act", Activation);
        if (activation != Activation)
            throw fields.Broken("hidden_act", $"is '{activation}', only '{Activation}' is supported");
        if (fields.Flag("norm_before_gate", false))
            throw fields.Broken("norm_before_gate", "is true, only the gate before the norm is supported");
        if (!fields.Flag("rms_norm", true))
            throw fields.Broken("rms_norm", "is false, only the gated RMS norm is supported");
    }

    /// <summary>The file says the inner width twice; in disagreement neither can be trusted.</summary>
    private static void RequireHeads(ConfigFields fields, Mamba2Config config)
    {
        int heads = fields.Size("num_heads", 128);
        long byHeads = (long)heads * config.HeadDim;
        long byExpand = (long)config.Expand * config.DModel;
        if (byHeads != byExpand)
        {
            throw fields.Broken("num_heads", $"* head_dim = {heads} * {config.HeadDim} = {byHeads}, "
                + $"but expand * hidden_size = {config.Expand} * {config.DModel} = {byExpand}");
        }
    }

    private static SpikingConfig? ReadSpiking(ConfigFields? spiking)
    {
        if (spiking is not ConfigFields fields)
            return null;

        SpikingConfig defaults = new();
        return new SpikingConfig
        {
            Neuron = fields.Choice("neuron", SpikingNames.Neurons, defaults.Neuron),
            Levels = fields.Size("levels", defaults.Levels),
            Alpha = fields.Number("alpha", defaults.Alpha),
            Threshold = fields.Number("threshold", defaults.Threshold),
            OwnThresholds = fields.Flag("own_thresholds", defaults.OwnThresholds),
            Surrogate = fields.Has("surrogate") ? fields.Choice("surrogate", SpikingNames.Surrogates, defaults.SurrogateInUse) : null,
            Beta = fields.Number("beta", defaults.Beta),
            Reset = fields.Choice("reset", SpikingNames.Resets, defaults.Reset),
        };
    }

    private static void Write(Utf8JsonWriter json, Mamba2Config config, StorageType type)
    {
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue("Mamba2ForCausalLM");
        json.WriteEndArray();
        json.WriteNumber("bos_token_id", 0);
        json.WriteNumber("chunk_size", config.ChunkSize);
        json.WriteNumber("conv_kernel", config.DConv);
        json.WriteString("dtype", ConfigDocument.DtypeOf(type));
        json.WriteNumber("eos_token_id", 0);
        json.WriteNumber("expand", config.Expand);
        if (config.GroupedNorm)
            json.WriteBoolean("grouped_norm", true);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteString("hidden_act", Activation);
        json.WriteNumber("hidden_size", config.DModel);
        json.WriteNumber("layer_norm_epsilon", config.NormEpsilon);
        json.WriteString("model_type", ModelType);
        json.WriteNumber("n_groups", config.GroupCount);
        json.WriteBoolean("norm_before_gate", false);
        json.WriteNumber("num_heads", config.HeadCount);
        json.WriteNumber("num_hidden_layers", config.LayerCount);
        json.WriteNumber("pad_token_id", 0);
        json.WriteBoolean("residual_in_fp32", config.ResidualInFp32);
        json.WriteBoolean("rms_norm", true);
        if (config.Spiking is not null)
            WriteSpiking(json, config.Spiking);
        json.WriteNumber("state_size", config.DState);
        json.WriteBoolean("tie_word_embeddings", config.TieEmbeddings);
        json.WriteStartArray("time_step_limit");
        WriteFloat(json, config.DtLimitLow);
        WriteFloat(json, config.DtLimitHigh);
        json.WriteEndArray();
        json.WriteBoolean("use_bias", config.UseBias);
        json.WriteBoolean("use_conv_bias", config.UseConvBias);
        json.WriteNumber("vocab_size", config.VocabSize);
        json.WriteEndObject();
    }

    private static void WriteSpiking(Utf8JsonWriter json, SpikingConfig spiking)
    {
        json.WriteStartObject("spiking");
        json.WriteString("neuron", SpikingNames.Neurons.NameOf(spiking.Neuron));
        json.WriteNumber("levels", spiking.Levels);
        json.WriteNumber("alpha", spiking.Alpha);
        json.WriteNumber("threshold", spiking.Threshold);
        if (spiking.OwnThresholds)
            json.WriteBoolean("own_thresholds", true);
        if (spiking.Surrogate is { } surrogate)
            json.WriteString("surrogate", SpikingNames.Surrogates.NameOf(surrogate));
        if (spiking.Neuron == NeuronKind.Lif)
        {
            json.WriteNumber("beta", spiking.Beta);
            json.WriteString("reset", SpikingNames.Resets.NameOf(spiking.Reset));
        }

        json.WriteEndObject();
    }

    /// <summary>After <see cref="Mamba2Config.Validate"/> only the upper limit can be infinite, and nothing is NaN.</summary>
    private static void WriteFloat(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumberValue(value);
            return;
        }

        json.WriteStartObject();
        json.WriteString(BareFloatLiterals.Key, "Infinity");
        json.WriteEndObject();
    }
}
