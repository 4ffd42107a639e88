using System.Text.Json;

namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// The <c>config.json</c> of state-spaces' own Mamba2 models. What the format cannot say is what its code does: an epsilon
/// of 1e-5, and a gated norm in each group.
/// </summary>
public static class StateSpacesConfig
{
    private const string Layer = "Mamba2";
    private const float Epsilon = 1e-5f;

    /// <summary>Reads a configuration. What it leaves out takes the defaults of state-spaces' code, not of ours.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, of another architecture, or asks for something unsupported.</exception>
    public static Mamba2Config Load(string path) => ConfigDocument.Load(path, Read);

    /// <summary>Writes a configuration that state-spaces and <see cref="Load"/> read, whole or not at all.</summary>
    /// <exception cref="ArgumentException">The format has no words for something the model has.</exception>
    public static void Save(string path, Mamba2Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        RequireExpressible(config);
        ConfigDocument.Save(path, json => Write(json, config));
    }

    internal static Mamba2Config Read(ConfigFields fields)
    {
        ConfigFields ssm = fields.Object("ssm_cfg")
            ?? throw fields.Broken("ssm_cfg", $"is missing, so the layers are Mamba1; only {Layer} is supported");
        int width = fields.Size("d_model", 2560);
        int expand = ssm.Size("expand", 2);
        RequireSupported(fields);
        RequireSupported(ssm, (long)expand * width);
        (float low, float high) = ssm.Range("dt_limit", (0f, float.PositiveInfinity));
        return new Mamba2Config
        {
            VocabSize = PaddedVocabulary(fields),
            DModel = width,
            LayerCount = fields.Size("n_layer", 64),
            DState = ssm.Size("d_state", 128),
            HeadDim = ssm.Size("headdim", 64),
            GroupCount = ssm.Size("ngroups", 1),
            Expand = expand,
            DConv = ssm.Size("d_conv", 4),
            ChunkSize = ssm.Size("chunk_size", 256),
            NormEpsilon = Epsilon,
            DtLimitLow = low,
            DtLimitHigh = high,
            TieEmbeddings = fields.Flag("tie_embeddings", true),
            UseBias = ssm.Flag("bias", false),
            UseConvBias = ssm.Flag("conv_bias", true),
            GroupedNorm = true,
            ResidualInFp32 = fields.Flag("residual_in_fp32", true),
        };
    }

    private static void RequireSupported(ConfigFields fields)
    {
        if (fields.Elements("attn_layer_idx") != 0)
            throw fields.Broken("attn_layer_idx", "names layers of attention, which are not supported");
        if (fields.Count("d_intermediate", 0) != 0)
            throw fields.Broken("d_intermediate", "asks for MLP layers, which are not supported");
        if (!fields.Flag("rms_norm", true))
            throw fields.Broken("rms_norm", "is false, only the RMS norm is supported");
    }

    private static void RequireSupported(ConfigFields ssm, long innerWidth)
    {
        string layer = ssm.Text("layer", "Mamba1");
        if (layer != Layer)
            throw ssm.Broken("layer", $"is '{MessageText.Shorten(layer)}', only '{Layer}' is supported");
        string activation = ssm.Text("activation", "swish");
        if (activation is not ("swish" or "silu"))
            throw ssm.Broken("activation", $"is '{MessageText.Shorten(activation)}', only 'swish' is supported");
        if (!ssm.Flag("rmsnorm", true))
            throw ssm.Broken("rmsnorm", "is false, only the gated RMS norm is supported");
        if (ssm.Flag("norm_before_gate", false))
            throw ssm.Broken("norm_before_gate", "is true, only the gate before the norm is supported");
        if (ssm.Flag("D_has_hdim", false))
            throw ssm.Broken("D_has_hdim", "is true, only one D per head is supported");
        if (ssm.Has("d_ssm") && ssm.Size("d_ssm", 1) != innerWidth)
            throw ssm.Broken("d_ssm", $"is not expand * d_model = {innerWidth}, only the whole inner width is supported");
    }

    /// <summary>vocab_size is before padding; the rows of the embedding are a multiple.</summary>
    private static int PaddedVocabulary(ConfigFields fields)
    {
        long size = fields.Size("vocab_size", 50277), multiple = fields.Size("pad_vocab_size_multiple", 8);
        long padded = (size + multiple - 1) / multiple * multiple;
        return padded <= int.MaxValue
            ? (int)padded
            : throw fields.Broken("vocab_size", $"{size} padded to a multiple of {multiple} is {padded}, which is too large");
    }

    private static void RequireExpressible(Mamba2Config config)
    {
        if (config.Spiking is not null)
            throw new ArgumentException("the state-spaces format has no words for spiking neurons", nameof(config));
        if (config.NormEpsilon != Epsilon)
        {
            throw new ArgumentException(
                $"the state-spaces format has an epsilon of {Epsilon}, the model has {config.NormEpsilon}", nameof(config));
        }
        if (config is { GroupedNorm: false, GroupCount: > 1 })
        {
            throw new ArgumentException(
                $"the state-spaces format has the gated norm in each of {config.GroupCount} groups, the model over all", nameof(config));
        }
    }

    private static void Write(Utf8JsonWriter json, Mamba2Config config)
    {
        json.WriteStartObject();
        json.WriteNumber("d_model", config.DModel);
        json.WriteNumber("d_intermediate", 0);
        json.WriteNumber("n_layer", config.LayerCount);
        json.WriteNumber("vocab_size", config.VocabSize);
        WriteLayer(json, config);
        json.WriteStartArray("attn_layer_idx");
        json.WriteEndArray();
        json.WriteStartObject("attn_cfg");
        json.WriteEndObject();
        json.WriteBoolean("rms_norm", true);
        json.WriteBoolean("residual_in_fp32", config.ResidualInFp32);
        json.WriteBoolean("fused_add_norm", true);
        // The vocabulary of a configuration is the padded one already.
        json.WriteNumber("pad_vocab_size_multiple", 1);
        json.WriteBoolean("tie_embeddings", config.TieEmbeddings);
        json.WriteEndObject();
    }

    private static void WriteLayer(Utf8JsonWriter json, Mamba2Config config)
    {
        json.WriteStartObject("ssm_cfg");
        json.WriteString("layer", Layer);
        json.WriteNumber("d_state", config.DState);
        json.WriteNumber("d_conv", config.DConv);
        json.WriteNumber("expand", config.Expand);
        json.WriteNumber("headdim", config.HeadDim);
        json.WriteNumber("ngroups", config.GroupCount);
        json.WriteNumber("chunk_size", config.ChunkSize);
        json.WriteBoolean("bias", config.UseBias);
        json.WriteBoolean("conv_bias", config.UseConvBias);
        if (config.DtLimitLow != 0f || float.IsFinite(config.DtLimitHigh))
            WriteLimit(json, config);
        json.WriteEndObject();
    }

    /// <summary>An infinite end is the bare word, since state-spaces reads with Python's json module alone.</summary>
    private static void WriteLimit(Utf8JsonWriter json, Mamba2Config config)
    {
        json.WriteStartArray("dt_limit");
        json.WriteNumberValue(config.DtLimitLow);
        if (float.IsFinite(config.DtLimitHigh))
            json.WriteNumberValue(config.DtLimitHigh);
        else
            json.WriteRawValue("Infinity", skipInputValidation: true);
        json.WriteEndArray();
    }
}
