using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>What came to the neurons in front of a projection.</summary>
/// <param name="X">[B, T, inputs]</param>
/// <param name="Threshold">V_th [1], a parameter if it learns.</param>
/// <param name="HasSign">Whether they have counts below 0.</param>
/// <param name="Outputs">Of the projection behind them.</param>
public sealed record NeuronInput(Tensor X, Tensor Threshold, bool HasSign, int Outputs);

/// <summary>What a forward pass shows of its inside, for distillation and for statistics; empty lists cost nothing.</summary>
public sealed class ForwardTrace
{
    /// <summary>Whether <see cref="BlockOutputs"/> is filled. They are kept for the backward pass, so blocks cannot be run again instead.</summary>
    public bool KeepsBlockOutputs { get; init; } = true;

    /// <summary>[B, T, D] for each layer: what the mixer adds to the residual stream, after out_proj.</summary>
    public List<Tensor> BlockOutputs { get; } = [];

    /// <summary>Whether <see cref="Residuals"/> is filled; they too are kept for the backward pass.</summary>
    public bool KeepsResiduals { get; init; }

    /// <summary>[B, T, D] for each layer: the residual stream after it.</summary>
    public List<Tensor> Residuals { get; } = [];

    /// <summary>Whether <see cref="NeuronInputs"/> is filled, for losses that ask for fewer spikes; they too are kept for the backward pass.</summary>
    public bool KeepsNeuronInputs { get; init; }

    /// <summary>What came to the integer neurons, layer by layer, that of in_proj first.</summary>
    public List<NeuronInput> NeuronInputs { get; } = [];

    /// <summary>Whether <see cref="AttentionMaps"/> is filled.</summary>
    public bool KeepsAttentionMaps { get; init; }

    /// <summary>[B, H, T, T] for each layer that has attention: its probabilities, which carry no gradient, or a spiking map's mean over the steps, which does.</summary>
    public List<Tensor> AttentionMaps { get; } = [];

    /// <summary>Whether <see cref="Embedding"/> is set.</summary>
    public bool KeepsEmbedding { get; init; }

    /// <summary>[B, T, D]: embeddings of tokens and positions, where a model has both.</summary>
    public Tensor? Embedding { get; internal set; }

    /// <summary>Whether something is kept that a second run of a block would make again.</summary>
    internal bool KeepsTensors => KeepsBlockOutputs || KeepsNeuronInputs || KeepsResiduals || KeepsAttentionMaps;

    /// <summary>Counts the spikes in front of each projection, when given.</summary>
    public SpikeStatistics? Spikes { get; init; }
}
