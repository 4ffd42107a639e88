using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>How a model is prepared for running.</summary>
public sealed record DecoderOptions
{
    /// <summary>
    /// How the projections are kept; null for the way they are stored, which copies nothing: a dense model then runs from its mapped file.
    /// </summary>
    public StorageType? Weights { get; init; }

    /// <summary>How the embedding and the head are kept; null for the same as <see cref="Weights"/>.</summary>
    public StorageType? Head { get; init; }

    /// <summary>Neurons to put in front of the projections, with the weights as they are; null for the model's own, if it has any.</summary>
    public SpikingConfig? Spiking { get; init; }

    /// <summary>
    /// How projections behind neurons are computed. With weights in <see cref="StorageType.Int8"/> all ways give the same bits;
    /// <see cref="SpikePath.Dense"/> then is the fastest way of multiplying spikes with every weight, to compare with, and keeps the weights twice.
    /// </summary>
    public SpikePath SpikePath { get; init; }

    /// <summary>
    /// How one token's spikes are given to a product by additions: to compare the costs of the forms. Whole sequences always take the one-pass form.
    /// With weights in <see cref="StorageType.Int8"/> all forms give the same bits.
    /// </summary>
    public SpikeForm SpikeForm { get; init; }
}
