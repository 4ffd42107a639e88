using SpikeEngine.Kernels;

namespace SpikeEngine.Model.Decoding;

/// <summary>The intermediate vectors of one token of a Mamba2 model.</summary>
internal sealed class Mamba2Buffers(Mamba2Config config, SpikeForm form = SpikeForm.OnePass) : DecodeBuffers(config)
{
    /// <summary>[InProjRows]: what in_proj gives.</summary>
    internal Memory<float> Zxbcdt { get; } = AlignedMemory.Allocate(config.InProjRows);

    /// <summary>[DInner]: what the scan gives, and its gated norm.</summary>
    internal Memory<float> Inner { get; } = AlignedMemory.Allocate(config.DInner);

    /// <summary>[G]: one scale per group of the gated norm.</summary>
    internal float[] Rstd { get; } = new float[config.GroupCount];

    /// <summary>Spikes of one projection's input.</summary>
    internal SpikeEvents Events { get; } = new(Math.Max(config.DModel, config.DInner), config.Spiking?.Levels ?? 1, config.Spiking is null ? SpikeForm.OnePass : form);
}
