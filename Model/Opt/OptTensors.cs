namespace SpikeEngine.Model.Opt;

/// <summary>All tensors of an OPT-style model without the model, by Hugging Face's names.</summary>
internal static class OptTensors
{
    internal const string Decoder = "model.decoder";
    internal const string Embedding = Decoder + ".embed_tokens.weight";
    internal const string Positions = Decoder + ".embed_positions.weight";

    /// <summary>In the order in which the model asks for them.</summary>
    internal static IEnumerable<ModelTensor> Of(OptConfig config)
    {
        int d = config.DModel;
        yield return new ModelTensor(Embedding, [config.VocabSize, config.EmbeddingWidth], ModelTensors.InitialEmbedding, IsMatrix: true);
        yield return new ModelTensor(Positions, [config.MaxPositions + OptConfig.PositionOffset, d], ModelTensors.InitialEmbedding, IsMatrix: false);
        if (config.ProjectsEmbedding)
        {
            yield return Weight($"{Decoder}.project_in", d, config.EmbeddingWidth, 1f);
            yield return Weight($"{Decoder}.project_out", config.EmbeddingWidth, d, 1f);
        }

        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (ModelTensor tensor in OfLayer(config, $"{Decoder}.layers.{layer}."))
                yield return tensor;
        }

        if (config.NormBefore)
        {
            foreach (ModelTensor tensor in Norm($"{Decoder}.final_layer_norm", d))
                yield return tensor;
        }

        if (!config.TieEmbeddings)
            yield return new ModelTensor(ModelTensors.Head, [config.VocabSize, config.EmbeddingWidth], ModelTensors.InitialEmbedding, IsMatrix: true);
    }

    private static IEnumerable<ModelTensor> OfLayer(OptConfig config, string layer)
    {
        int d = config.DModel, ffn = config.FfnDim;
        string attention = layer + "self_attn.";
        bool norms = config.Spiking is not { PreNorm: false };
        InitialScales scales = InitialScales.Of(config);
        return
        [
            .. Linear(attention + "q_proj", d, d, scales.Query, config.HasAttentionBias), .. Linear(attention + "k_proj", d, d, scales.Query, config.HasAttentionBias),
            .. Linear(attention + "v_proj", d, d, scales.Value, config.HasAttentionBias), .. Linear(attention + "out_proj", d, d, scales.Out, config.HasAttentionBias),
            .. norms ? Norm(layer + "self_attn_layer_norm", d) : [],
            .. Linear(layer + "fc1", ffn, d, scales.Fc1, config.UseBias), .. Linear(layer + "fc2", d, ffn, scales.Fc2, config.UseBias),
            .. norms ? Norm(layer + "final_layer_norm", d) : [],
        ];
    }

    private static IEnumerable<ModelTensor> Linear(string name, int outputs, int inputs, float scale, bool hasBias)
    {
        yield return Weight(name, outputs, inputs, scale);
        if (hasBias)
            yield return new ModelTensor(name + ".bias", [outputs], Init.Zeros, IsMatrix: false);
    }

    private static ModelTensor Weight(string name, int outputs, int inputs, float scale) =>
        new(name + ".weight", [outputs, inputs], Init.KaimingUniform(inputs, scale), IsMatrix: true);

    private static IEnumerable<ModelTensor> Norm(string name, int dim)
    {
        yield return new ModelTensor(name + ".weight", [dim], Init.Ones, IsMatrix: false);
        yield return new ModelTensor(name + ".bias", [dim], Init.Zeros, IsMatrix: false);
    }
}

/// <summary>Factors of the usual range of new weights.</summary>
/// <param name="Query">q_proj and k_proj.</param>
/// <param name="Value">v_proj.</param>
/// <param name="Out">Attention's out_proj.</param>
/// <param name="Fc1">fc1.</param>
/// <param name="Fc2">fc2.</param>
internal readonly record struct InitialScales(float Query, float Value, float Out, float Fc1, float Fc2)
{
    /// <summary>
    /// Of a dense model: what is added to the residual stream starts small. Of a spiking one: products of binary inputs of which about a third are
    /// active shall reach the thresholds, queries and keys seldom, so that maps start sparse, and out_proj gets counts of many keys.
    /// </summary>
    public static InitialScales Of(OptConfig config) => config.IsSpiking
        ? new InitialScales(Query: 1.5f, Value: 3f, Out: 0.3f, Fc1: 3f, Fc2: 3f)
        : new InitialScales(1f, 1f, 1f / MathF.Sqrt(2 * config.LayerCount), 1f, 1f / MathF.Sqrt(2 * config.LayerCount));
}
