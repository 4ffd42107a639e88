using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model.Opt;

/// <summary>The projections of a block for running a model, dense or spiking ones.</summary>
/// <typeparam name="TProjection">Which.</typeparam>
internal sealed class OptProjections<TProjection>
{
    /// <summary>Asks for the weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="layer">The block's number.</param>
    /// <param name="weights">Who has them.</param>
    /// <param name="type">How to keep them; null for as they are.</param>
    /// <param name="make">A projection of a weight [outputs, inputs] and a bias, or none.</param>
    public OptProjections(OptConfig config, int layer, IDecoderWeights weights, StorageType? type, Func<StoredTensor, Tensor?, TProjection> make)
    {
        string block = $"{OptTensors.Decoder}.layers.{layer}.", attention = block + "self_attn.";
        int d = config.DModel;
        Q = Make(attention + "q_proj", d, d, config.HasAttentionBias);
        K = Make(attention + "k_proj", d, d, config.HasAttentionBias);
        V = Make(attention + "v_proj", d, d, config.HasAttentionBias);
        Out = Make(attention + "out_proj", d, d, config.HasAttentionBias);
        Fc1 = Make(block + "fc1", config.FfnDim, d, config.UseBias);
        Fc2 = Make(block + "fc2", d, config.FfnDim, config.UseBias);
        AttentionNorm = config.Spiking is { PreNorm: false } ? null : new DecoderNorm(weights, block + "self_attn_layer_norm", config);
        FinalNorm = config.Spiking is { PreNorm: false } ? null : new DecoderNorm(weights, block + "final_layer_norm", config);

        TProjection Make(string name, int outputs, int inputs, bool hasBias) =>
            make(weights.Matrix(name + ".weight", outputs, inputs, type), hasBias ? weights.Small(name + ".bias", outputs) : null);
    }

    /// <summary>self_attn.q_proj</summary>
    public TProjection Q { get; }

    /// <summary>self_attn.k_proj</summary>
    public TProjection K { get; }

    /// <summary>self_attn.v_proj</summary>
    public TProjection V { get; }

    /// <summary>self_attn.out_proj</summary>
    public TProjection Out { get; }

    /// <summary>fc1</summary>
    public TProjection Fc1 { get; }

    /// <summary>fc2</summary>
    public TProjection Fc2 { get; }

    /// <summary>All six.</summary>
    public IReadOnlyList<TProjection> All => [Q, K, V, Out, Fc1, Fc2];

    /// <summary>self_attn_layer_norm; null in a spiking block without norms.</summary>
    public DecoderNorm? AttentionNorm { get; }

    /// <summary>final_layer_norm, that of the feed-forward part; null in a spiking block without norms.</summary>
    public DecoderNorm? FinalNorm { get; }
}
