using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Vision;

/// <summary>What one unit of a network hands to the next.</summary>
/// <param name="Fired">Activations, or spikes, or counts of them.</param>
/// <param name="Current">What the neuron got: shortcuts carry it on.</param>
internal readonly record struct ImageFlow(Tensor Fired, Tensor Current);

/// <summary>A part of a network, which is the same whichever way it is run.</summary>
internal interface IImageUnit
{
    /// <summary>Runs it.</summary>
    ImageFlow Forward(ImageFlow x, IImagePass pass);
}

/// <summary>A way to run a network: as an ANN, with counts in the place of activations, with spikes.</summary>
internal interface IImagePass
{
    /// <summary>What a convolution and its norm make of activations or spikes.</summary>
    Tensor Current(ConvNorm layer, Tensor x);

    /// <summary>The sum of two currents.</summary>
    Tensor Add(Tensor a, Tensor b);

    /// <summary>The largest current of each window.</summary>
    Tensor Pool(Tensor current, Size2d window) => Ops.MaxPool2d(current, window);

    /// <summary>Drops some of a current in training.</summary>
    Tensor Drop(Dropout dropout, Tensor current);

    /// <summary>Activations or spikes of a layer of neurons.</summary>
    Tensor Fire(SpikingSite site, Tensor current);
}
