namespace SpikeEngine.Model.Checkpoints;

/// <summary>
/// What files call the tensors of <see cref="ModelTensors"/>, which go by Hugging Face's names.
/// </summary>
internal static class CheckpointNames
{
    /// <summary>state-spaces' word for <see cref="ModelTensors.Embedding"/>.</summary>
    private const string SingularEmbedding = "backbone.embedding.weight";

    /// <summary>What a file of an OPT model without its head leaves out in front of names.</summary>
    private const string ModelPrefix = "model.";

    /// <summary>The tensor of a scale per row, beside a weight of 8-bit codes.</summary>
    public static string ScaleOf(string weight) => weight + TensorDTypes.ScaleSuffix;

    /// <summary>What state-spaces calls a tensor.</summary>
    public static string StateSpacesNameOf(string name) => name == ModelTensors.Embedding ? SingularEmbedding : name;

    /// <summary>What a file calls a tensor, or null when it has none.</summary>
    public static string? NameIn(TensorFile file, string name)
    {
        if (file.Contains(name))
            return name;
        if (name.StartsWith(ModelPrefix, StringComparison.Ordinal))
            return file.Contains(name[ModelPrefix.Length..]) ? name[ModelPrefix.Length..] : null;
        string? other = name == ModelTensors.Embedding ? SingularEmbedding : name == ScaleOf(ModelTensors.Embedding) ? ScaleOf(SingularEmbedding) : null;
        return other is not null && file.Contains(other) ? other : null;
    }
}
