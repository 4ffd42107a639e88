using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Decoding;

/// <summary>The vectors of one token that a decoder of any kind keeps from token to token.</summary>
/// <param name="config">The model's sizes.</param>
internal class DecodeBuffers(LanguageModelConfig config)
{
    /// <summary>[D]: the residual stream.</summary>
    internal Memory<float> Residual { get; } = AlignedMemory.Allocate(config.DModel);

    /// <summary>[D]: a normed input, and a block's output.</summary>
    internal Memory<float> Hidden { get; } = AlignedMemory.Allocate(config.DModel);

    /// <summary>[V]</summary>
    internal Memory<float> Logits { get; } = AlignedMemory.Allocate(config.VocabSize);

    /// <summary>Counts the spikes in front of each projection, when somebody wants to know.</summary>
    internal SpikeStatistics? Spikes { get; set; }

    /// <summary>Notes the time after every part of a token, when somebody wants to know.</summary>
    internal DecodeClock? Clock { get; set; }
}
