using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model;

/// <summary>
/// A model prepared for decoding: weights laid out for one token at a time, and for additions only where neurons stand
/// in front of a projection. Make a new one after training: weights in the decoding layout are copies, the small parameters are the model's own.
/// Immutable, so any number of sessions can use it at the same time.
/// </summary>
public sealed class Mamba2Decoder
{
    private readonly DecoderLayer[] _layers;
    private readonly DenseProjection _head;

    /// <summary>Prepares a model.</summary>
    public Mamba2Decoder(Mamba2LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        _layers = [.. model.Blocks.Select(block => new DecoderLayer(model.Config, block))];
        _head = new DenseProjection(model.LmHead, bias: null);
    }

    /// <summary>The model.</summary>
    public Mamba2LanguageModel Model { get; }

    /// <summary>Sizes and switches.</summary>
    public Mamba2Config Config => Model.Config;

    /// <summary>A new, empty text.</summary>
    public Mamba2Session NewSession() => new(this);

    /// <summary>One token: logits of the next one into the buffers.</summary>
    internal void Step(int token, Mamba2State state, DecodeBuffers buffers)
    {
        Mamba2Config config = Model.Config;
        if ((uint)token >= (uint)config.VocabSize)
            throw new ArgumentOutOfRangeException(nameof(token), $"Token {token} is outside the vocabulary of {config.VocabSize}.");

        Span<float> residual = buffers.Residual.Span;
        Model.Embedding.Values.Slice(token * config.DModel, config.DModel).CopyTo(residual);
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer].Step(residual, state.ConvWindow(layer, 0), state.Ssm(layer, 0), buffers);
        DecoderLayer.Norm(residual, Model.NormF.Weight, Model.NormF.Eps, buffers.Hidden.Span);
        Head(buffers);
    }

    /// <summary>Logits from what norm_f left in the buffers.</summary>
    internal void Head(DecodeBuffers buffers) => _head.Run(buffers.Hidden, buffers.Logits, buffers);
}
