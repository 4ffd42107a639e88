using System.Text.Json.Serialization;
using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>The sizes and switches of a Mamba2 language model, by the names of the Mamba-2 paper and its code.</summary>
public sealed record Mamba2Config : LanguageModelConfig
{
    /// <summary>N: the state that each channel carries along.</summary>
    public int DState { get; init; } = 128;

    /// <summary>P: channels per head.</summary>
    public int HeadDim { get; init; } = 64;

    /// <summary>G: groups of heads that share B and C.</summary>
    public int GroupCount { get; init; } = 1;

    /// <summary>The inner width as a multiple of <see cref="LanguageModelConfig.DModel"/>.</summary>
    public int Expand { get; init; } = 2;

    /// <summary>K: taps of the causal convolution.</summary>
    public int DConv { get; init; } = 4;

    /// <summary>Q: tokens per chunk of the state-space dual form. It changes speed and rounding, not the model.</summary>
    public int ChunkSize { get; init; } = 256;

    /// <summary>Lower end of the clamp on softplus(dt + dt_bias).</summary>
    public float DtLimitLow { get; init; }

    /// <summary>Upper end of the clamp on softplus(dt + dt_bias).</summary>
    public float DtLimitHigh { get; init; } = float.PositiveInfinity;

    /// <summary>Whether in_proj and out_proj have a bias.</summary>
    public bool UseBias { get; init; }

    /// <summary>Whether the convolution has a bias.</summary>
    public bool UseConvBias { get; init; } = true;

    /// <summary>
    /// Whether the gated norm is taken in each of <see cref="GroupCount"/> parts, as state-spaces does, and not over
    /// the whole inner width, as Hugging Face does. The same with one group; otherwise the file's format decides.
    /// </summary>
    public bool GroupedNorm { get; init; }

    /// <summary>Kept for the file's sake: here the residual stream always is single precision.</summary>
    public bool ResidualInFp32 { get; init; } = true;

    /// <summary>The neurons in front of the projections, or null for a dense model.</summary>
    public SpikingConfig? Spiking { get; init; }

    /// <summary>d_inner, the width of z, x and y.</summary>
    public int DInner => Expand * DModel;

    /// <summary>H, the number of heads.</summary>
    public int HeadCount => DInner / HeadDim;

    /// <summary>Channels of the convolution: x, B and C.</summary>
    public int ConvChannels => DInner + 2 * GroupCount * DState;

    /// <summary>Rows of in_proj: z, x, B, C and dt.</summary>
    public int InProjRows => 2 * DInner + 2 * GroupCount * DState + HeadCount;

    /// <summary>Elements that the gated norm takes together.</summary>
    public int NormGroup => GroupedNorm ? DInner / GroupCount : DInner;

    /// <summary>The scan's sizes for a batch of sequences.</summary>
    internal SsdShape SsdShapeFor(int batch, int length) => new(batch, length, HeadCount, HeadDim, GroupCount, DState, ChunkSize);

    /// <inheritdoc/>
    public override string ModelType => Checkpoints.HuggingFaceConfig.ModelType;

    /// <inheritdoc/>
    public override bool IsSpiking => Spiking is not null;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IReadOnlyList<SpikeSite> SpikeSites => IsSpiking ? [SpikeSite.InProj, SpikeSite.OutProj] : [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override (int Lowest, int Highest) SpikeRange => Spiking is null ? default : (Spiking.LowestCount, Spiking.Levels);

    internal override string EmbeddingName => ModelTensors.Embedding;

    /// <inheritdoc/>
    public override int NeuronsAt(SpikeSite site) => site == SpikeSite.InProj ? DModel : DInner;

    /// <inheritdoc/>
    public override Mamba2LanguageModel NewModel(ParameterStore parameters) => new(this, parameters);

    internal override IEnumerable<ModelTensor> Tensors() => ModelTensors.Of(this);

    /// <inheritdoc/>
    public override void Validate()
    {
        RequirePositive(VocabSize, nameof(VocabSize));
        RequirePositive(DModel, nameof(DModel));
        RequirePositive(LayerCount, nameof(LayerCount));
        RequirePositive(DState, nameof(DState));
        RequirePositive(HeadDim, nameof(HeadDim));
        RequirePositive(GroupCount, nameof(GroupCount));
        RequirePositive(Expand, nameof(Expand));
        RequirePositive(DConv, nameof(DConv));
        RequirePositive(ChunkSize, nameof(ChunkSize));
        RequireDerivedSizesFit();

        if (DInner % HeadDim != 0)
            throw new ArgumentException($"{nameof(HeadDim)} {HeadDim} does not divide {nameof(DInner)} {DInner} = {Expand} * {DModel}");
        if (HeadCount % GroupCount != 0)
            throw new ArgumentException($"{nameof(GroupCount)} {GroupCount} does not divide {nameof(HeadCount)} {HeadCount}");
        RequireEpsilon(NormEpsilon, nameof(NormEpsilon));
        // Not-a-number fails every comparison, so the test is for what must hold.
        if (!(DtLimitLow >= 0f && DtLimitLow < DtLimitHigh))
            throw new ArgumentException($"{nameof(DtLimitLow)} {DtLimitLow}, {nameof(DtLimitHigh)} {DtLimitHigh}: not 0 <= low < high");

        Spiking?.Validate();
    }

    /// <summary>In 128 bits, where no product of these ints overflows; the derived properties themselves are ints.</summary>
    private void RequireDerivedSizesFit()
    {
        Int128 inner = (Int128)Expand * DModel;
        Int128 rows = 2 * inner + 2 * (Int128)GroupCount * DState + inner / HeadDim;
        if (rows > int.MaxValue)
        {
            throw new ArgumentException($"{nameof(InProjRows)} would be {rows}: {nameof(Expand)} {Expand}, {nameof(DModel)} {DModel}, "
                + $"{nameof(GroupCount)} {GroupCount} or {nameof(DState)} {DState} is too large");
        }
    }
}
