using System.Text.Json.Serialization;
using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>
/// The sizes and switches of an OPT-style transformer: softmax attention with learned positions, layer norms and ReLU, or, with neurons,
/// BiSpikCLM's binary spiking one.
/// </summary>
public sealed record OptConfig : LanguageModelConfig
{
    /// <summary>Rows in front of position 0 in the table of positions, which the published checkpoints have and use only for padding.</summary>
    internal const int PositionOffset = 2;

    /// <summary>H: heads of attention.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Width of the feed-forward part.</summary>
    public required int FfnDim { get; init; }

    /// <summary>Positions that there are embeddings for: most tokens of a text.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>Width of the token embedding; narrower than the rest in opt-350m, which then has project_in and project_out. Null for <see cref="LanguageModelConfig.DModel"/>.</summary>
    public int? EmbedDim { get; init; }

    /// <summary>Whether norms stand in front of attention and feed-forward and after the last block; if not, behind each (opt-350m).</summary>
    public bool NormBefore { get; init; } = true;

    /// <summary>Whether projections have biases.</summary>
    public bool UseBias { get; init; } = true;

    /// <summary>The token that begins a text and the one that ends it, as the checkpoint has them.</summary>
    public int BosTokenId { get; init; }

    /// <summary>The token that ends a text.</summary>
    public int EosTokenId { get; init; }

    /// <summary>BiSpikCLM's neurons, or null for a dense model.</summary>
    public BinarySpiking? Spiking { get; init; }

    /// <summary>Whether the projections of attention have biases; in a spiking model they have none.</summary>
    internal bool HasAttentionBias => UseBias && !IsSpiking;

    /// <summary>P: channels of a head.</summary>
    public int HeadDim => DModel / HeadCount;

    /// <summary>Width of the token embedding.</summary>
    public int EmbeddingWidth => EmbedDim ?? DModel;

    /// <summary>Whether the token embedding is projected to the width of the rest, and back.</summary>
    public bool ProjectsEmbedding => EmbeddingWidth != DModel;

    /// <inheritdoc/>
    public override string ModelType => IsSpiking ? OptConfigFile.SpikingModelType : OptConfigFile.ModelType;

    /// <inheritdoc/>
    public override bool IsSpiking => Spiking is not null;

    /// <inheritdoc/>
    public override int? MaxLength => MaxPositions;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<SpikeSite> SpikeSites => IsSpiking
        ? [SpikeSite.Attention, SpikeSite.Query, SpikeSite.Key, SpikeSite.Value, SpikeSite.AttentionOut, SpikeSite.Fc1, SpikeSite.Fc2, SpikeSite.FeedForwardOut]
        : [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override (int Lowest, int Highest) SpikeRange => IsSpiking ? (0, 1) : default;

    internal override string EmbeddingName => OptTensors.Embedding;

    /// <inheritdoc/>
    public override int NeuronsAt(SpikeSite site) => site == SpikeSite.Fc2 ? FfnDim : DModel;

    /// <inheritdoc/>
    public override OptLanguageModel NewModel(ParameterStore parameters) => new(this, parameters);

    internal override IEnumerable<ModelTensor> Tensors() => OptTensors.Of(this);

    /// <inheritdoc/>
    public override void Validate()
    {
        RequirePositive(VocabSize, nameof(VocabSize));
        RequirePositive(DModel, nameof(DModel));
        RequirePositive(LayerCount, nameof(LayerCount));
        RequirePositive(HeadCount, nameof(HeadCount));
        RequirePositive(FfnDim, nameof(FfnDim));
        RequirePositive(MaxPositions, nameof(MaxPositions));
        if (MaxPositions > ushort.MaxValue)
            throw new ArgumentException($"{nameof(MaxPositions)} is {MaxPositions}, more than {ushort.MaxValue}");
        RequirePositive(EmbeddingWidth, nameof(EmbedDim));
        RequireEpsilon(NormEpsilon, nameof(NormEpsilon));
        if (DModel % HeadCount != 0)
            throw new ArgumentException($"{nameof(HeadCount)} {HeadCount} does not divide {nameof(DModel)} {DModel}");
        if (Spiking is null)
            return;
        Spiking.Validate();
        RequireCountable(Spiking);
        if (ProjectsEmbedding || !NormBefore)
            throw new ArgumentException("a spiking model has an embedding as wide as the rest and a norm after the last block");
    }

    /// <summary>The neuron of attention maps, which counts keys' channels, must be one that runs on bits.</summary>
    private void RequireCountable(BinarySpiking spiking)
    {
        try
        {
            CountNeuron.Of(spiking.Neuron.Dynamics(), spiking.TimeSteps, HeadDim);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException(
                $"{nameof(BinarySpiking.Threshold)} {spiking.Threshold} and {nameof(BinarySpiking.Beta)} {spiking.Beta} with {nameof(BinarySpiking.TimeSteps)} {spiking.TimeSteps}: neurons of "
                + $"attention have too many different potentials for heads of {HeadDim} channels", e);
        }
    }
}
