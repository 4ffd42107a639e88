using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>What a forward pass shows of its inside, for distillation and for statistics; empty lists cost nothing.</summary>
public sealed class ForwardTrace
{
    /// <summary>Whether <see cref="BlockOutputs"/> is filled. They are kept for the backward pass, so blocks cannot be run again instead.</summary>
    public bool KeepsBlockOutputs { get; init; } = true;

    /// <summary>[B, T, D] for each layer: what the mixer adds to the residual stream, after out_proj.</summary>
    public List<Tensor> BlockOutputs { get; } = [];

    /// <summary>Counts the spikes in front of each projection, when given.</summary>
    public SpikeStatistics? Spikes { get; init; }
}
