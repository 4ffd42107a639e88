using SpikeEngine.Kernels;
using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model.Opt;

/// <summary>The intermediate vectors of one token of an OPT-style model; of a spiking one each has a row for every step.</summary>
internal sealed class OptBuffers(OptConfig config) : DecodeBuffers(config)
{
    /// <summary>T, or 1 of a dense model.</summary>
    internal int Steps { get; } = config.Spiking?.TimeSteps ?? 1;

    /// <summary>[T, D]: the residual stream.</summary>
    internal Memory<float> Stream { get; } = Room(config, config.DModel);

    /// <summary>[T, D]: a normed input.</summary>
    internal Memory<float> Normed { get; } = Room(config, config.DModel);

    /// <summary>[T, D]: spikes at the beginning of a part.</summary>
    internal Memory<float> PartSpikes { get; } = Room(config, config.DModel);

    /// <summary>[T, D]: queries.</summary>
    internal Memory<float> Query { get; } = Room(config, config.DModel);

    /// <summary>[T, D]: keys.</summary>
    internal Memory<float> Key { get; } = Room(config, config.DModel);

    /// <summary>[T, D]: values.</summary>
    internal Memory<float> Value { get; } = Room(config, config.DModel);

    /// <summary>[T, D]: what attention mixes.</summary>
    internal Memory<float> Mixed { get; } = Room(config, config.DModel);

    /// <summary>[T, widest]: what a projection gives.</summary>
    internal Memory<float> Current { get; } = Room(config, Math.Max(config.DModel, config.FfnDim));

    /// <summary>[T, F]: what is in front of fc2.</summary>
    internal Memory<float> Wide { get; } = Room(config, config.FfnDim);

    /// <summary>[2, T, widest]: potentials of neurons.</summary>
    internal Memory<float> Potentials { get; } = Room(config, 2 * Math.Max(config.DModel, config.FfnDim));

    /// <summary>[D]: one digit of whole numbers, and its product.</summary>
    internal Memory<float> Digit { get; } = AlignedMemory.Allocate(2 * config.DModel);

    /// <summary>[2]: mean and scale of a norm.</summary>
    internal float[] Moments { get; } = new float[2];

    /// <summary>Active inputs of a product.</summary>
    internal SpikeEvents Events { get; } = new(Math.Max(config.DModel, config.FfnDim), levels: 1);

    private static Memory<float> Room(OptConfig config, int width) => AlignedMemory.Allocate((config.Spiking?.TimeSteps ?? 1) * width);
}
