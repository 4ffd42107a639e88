namespace SpikeEngine.Model.Opt;

/// <summary>The layers of a block, which a dense one and a spiking one call alike.</summary>
internal sealed class OptLayers
{
    /// <summary>Asks the scope of the block for them.</summary>
    public OptLayers(ParameterScope scope, OptConfig config)
    {
        int d = config.DModel;
        bool hasNorms = config.Spiking is not { PreNorm: false };
        ParameterScope attention = scope / "self_attn";
        InitialScales scales = InitialScales.Of(config);
        QProj = new Linear(attention / "q_proj", d, d, config.HasAttentionBias, scales.Query);
        KProj = new Linear(attention / "k_proj", d, d, config.HasAttentionBias, scales.Query);
        VProj = new Linear(attention / "v_proj", d, d, config.HasAttentionBias, scales.Value);
        OutProj = new Linear(attention / "out_proj", d, d, config.HasAttentionBias, scales.Out);
        AttentionNorm = hasNorms ? new LayerNorm(scope / "self_attn_layer_norm", d, config.NormEpsilon) : null;
        Fc1 = new Linear(scope / "fc1", d, config.FfnDim, config.UseBias, scales.Fc1);
        Fc2 = new Linear(scope / "fc2", config.FfnDim, d, config.UseBias, scales.Fc2);
        FinalNorm = hasNorms ? new LayerNorm(scope / "final_layer_norm", d, config.NormEpsilon) : null;
    }

    /// <summary>self_attn.q_proj</summary>
    public Linear QProj { get; }

    /// <summary>self_attn.k_proj</summary>
    public Linear KProj { get; }

    /// <summary>self_attn.v_proj</summary>
    public Linear VProj { get; }

    /// <summary>self_attn.out_proj</summary>
    public Linear OutProj { get; }

    /// <summary>self_attn_layer_norm; null in a spiking block without norms.</summary>
    public LayerNorm? AttentionNorm { get; }

    /// <summary>fc1</summary>
    public Linear Fc1 { get; }

    /// <summary>fc2</summary>
    public Linear Fc2 { get; }

    /// <summary>final_layer_norm, that of the feed-forward part; null in a spiking block without norms.</summary>
    public LayerNorm? FinalNorm { get; }
}
