namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// Which tensors a model has and what they are called: by Hugging Face's names, in whose words all other code speaks, and
/// by the names that other files have for them.
/// </summary>
internal static class ModelTensors
{
    public const string Embedding = "backbone.embeddings.weight";

    public const string Head = "lm_head.weight";

    /// <summary>state-spaces' word for <see cref="Embedding"/>.</summary>
    private const string SingularEmbedding = "backbone.embedding.weight";

    /// <summary>The tensor of a scale per row, beside a weight of 8-bit codes.</summary>
    public static string ScaleOf(string weight) => weight + "_scale";

    /// <summary>Whether a weight may be codes with a scale per row.</summary>
    public static bool MayBeCodes(string name, ReadOnlySpan<int> shape) =>
        shape.Length == 2 && name.EndsWith(".weight", StringComparison.Ordinal);

    /// <summary>What a file calls a tensor, or null when it has none.</summary>
    public static string? NameIn(TensorFile file, string name)
    {
        if (file.Contains(name))
            return name;
        string? other = name == Embedding ? SingularEmbedding : name == ScaleOf(Embedding) ? ScaleOf(SingularEmbedding) : null;
        return other is not null && file.Contains(other) ? other : null;
    }

    /// <summary>
    /// Every tensor that the layers of such a model ask for, with its shape. A tied head is not among them. One after
    /// the other, because a hostile configuration may claim any number of layers.
    /// </summary>
    public static IEnumerable<(string Name, int[] Shape)> Of(Mamba2Config config)
    {
        yield return (Embedding, [config.VocabSize, config.DModel]);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach ((string name, int[] shape) in OfLayer(config))
                yield return ($"backbone.layers.{layer}.{name}", shape);
        }

        yield return ("backbone.norm_f.weight", [config.DModel]);
        if (!config.TieEmbeddings)
            yield return (Head, [config.VocabSize, config.DModel]);
    }

    private static IEnumerable<(string Name, int[] Shape)> OfLayer(Mamba2Config config)
    {
        yield return ("norm.weight", [config.DModel]);
        yield return ("mixer.dt_bias", [config.HeadCount]);
        yield return ("mixer.A_log", [config.HeadCount]);
        yield return ("mixer.D", [config.HeadCount]);
        yield return ("mixer.conv1d.weight", [config.ConvChannels, 1, config.DConv]);
        if (config.UseConvBias)
            yield return ("mixer.conv1d.bias", [config.ConvChannels]);
        yield return ("mixer.in_proj.weight", [config.InProjRows, config.DModel]);
        if (config.UseBias)
            yield return ("mixer.in_proj.bias", [config.InProjRows]);
        yield return ("mixer.norm.weight", [config.DInner]);
        yield return ("mixer.out_proj.weight", [config.DModel, config.DInner]);
        if (config.UseBias)
            yield return ("mixer.out_proj.bias", [config.DModel]);
    }
}
