using System.Text.Json.Serialization;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>What the configurations of all language models have in common.</summary>
[JsonDerivedType(typeof(Mamba2Config))]
[JsonDerivedType(typeof(Opt.OptConfig))]
public abstract record LanguageModelConfig : IModelConfig
{
    /// <summary>Rows of the embedding and of the head, padding included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int DModel { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Epsilon of all norms.</summary>
    public float NormEpsilon { get; init; } = 1e-5f;

    /// <summary>Whether the head is the embedding.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <inheritdoc/>
    public abstract string ModelType { get; }

    /// <summary>Whether projections get spikes.</summary>
    public abstract bool IsSpiking { get; }

    /// <summary>Most tokens of a text; null where it does not matter to the model.</summary>
    public virtual int? MaxLength => null;

    /// <summary>Where a block has spikes; empty for a dense model.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<SpikeSite> SpikeSites { get; }

    /// <summary>The smallest and the largest count of a spike; (0, 0) for a dense model.</summary>
    [JsonIgnore]
    public abstract (int Lowest, int Highest) SpikeRange { get; }

    /// <inheritdoc/>
    public abstract void Validate();

    /// <summary>Neurons at a site of a block.</summary>
    public abstract int NeuronsAt(SpikeSite site);

    /// <summary>New counts for the spikes of such a model; null for a dense one.</summary>
    public SpikeStatistics? NewStatistics() => IsSpiking ? new SpikeStatistics(LayerCount) : null;

    /// <summary>A model of this configuration for training.</summary>
    /// <param name="parameters">A new store: random, copied, or over a checkpoint.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself.</exception>
    public abstract LanguageModel NewModel(ParameterStore parameters);

    /// <summary>All tensors, in the order in which the model asks for them.</summary>
    internal abstract IEnumerable<ModelTensor> Tensors();

    /// <summary>The name of the embedding [V, D].</summary>
    internal abstract string EmbeddingName { get; }

    private protected static void RequirePositive(int value, string name)
    {
        if (value <= 0)
            throw new ArgumentException($"{name} is {value}, not positive");
    }

    private protected static void RequireEpsilon(float value, string name)
    {
        if (!float.IsFinite(value) || value < 0f)
            throw new ArgumentException($"{name} is {value}, not a non-negative number");
    }
}
