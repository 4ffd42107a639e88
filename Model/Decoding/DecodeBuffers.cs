using SpikeEngine.Kernels;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>The intermediate vectors of one token, kept from token to token.</summary>
internal sealed class DecodeBuffers(Mamba2Config config, SpikeForm form = SpikeForm.OnePass)
{
    /// <summary>[D]: the residual stream.</summary>
    internal Memory<float> Residual { get; } = AlignedMemory.Allocate(config.DModel);

    /// <summary>[D]: a normed input, and a mixer's output.</summary>
    internal Memory<float> Hidden { get; } = AlignedMemory.Allocate(config.DModel);

    /// <summary>[InProjRows]: what in_proj gives.</summary>
    internal Memory<float> Zxbcdt { get; } = AlignedMemory.Allocate(config.InProjRows);

    /// <summary>[DInner]: what the scan gives, and its gated norm.</summary>
    internal Memory<float> Inner { get; } = AlignedMemory.Allocate(config.DInner);

    /// <summary>[V]</summary>
    internal Memory<float> Logits { get; } = AlignedMemory.Allocate(config.VocabSize);

    /// <summary>[G]: one scale per group of the gated norm.</summary>
    internal float[] Rstd { get; } = new float[config.GroupCount];

    /// <summary>Counts the spikes in front of each projection, when somebody wants to know.</summary>
    internal SpikeStatistics? Spikes { get; set; }

    /// <summary>Notes the time after every part of a token, when somebody wants to know.</summary>
    internal DecodeClock? Clock { get; set; }

    /// <summary>Spikes of one projection's input.</summary>
    internal SpikeEvents Events { get; } = new(Math.Max(config.DModel, config.DInner), config.Spiking?.Levels ?? 1, config.Spiking is null ? SpikeForm.OnePass : form);
}
