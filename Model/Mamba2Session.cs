using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model;

/// <summary>One text in the making: a state and the buffers of a step. Not for several threads at once.</summary>
public sealed class Mamba2Session
{
    private readonly Mamba2Decoder _decoder;
    private readonly DecodeBuffers _buffers;
    private readonly Workspace _workspace = new();

    internal Mamba2Session(Mamba2Decoder decoder)
    {
        _decoder = decoder;
        _buffers = new DecodeBuffers(decoder.Model.Config);
        State = new Mamba2State(decoder.Model.Config);
    }

    /// <summary>What the model remembers of the text so far.</summary>
    public Mamba2State State { get; }

    /// <summary>Logits of the token after the last one seen [V]; overwritten by the next call.</summary>
    public ReadOnlySpan<float> Logits => _buffers.Logits.Span;

    /// <summary>Appends one token.</summary>
    /// <returns><see cref="Logits"/></returns>
    /// <exception cref="ArgumentOutOfRangeException">The token is outside the vocabulary.</exception>
    public ReadOnlySpan<float> Step(int token)
    {
        _decoder.Step(token, State, _buffers);
        return Logits;
    }

    /// <summary>Appends several tokens at once, by the chunked scan.</summary>
    /// <returns><see cref="Logits"/></returns>
    public ReadOnlySpan<float> Prefill(ReadOnlyMemory<int> tokens)
    {
        using Workspace.Scope scope = _workspace.Open();
        Tensor logits = _decoder.Model.Forward(tokens, batch: 1, State);
        logits.Values[^logits.Columns..].CopyTo(_buffers.Logits.Span);
        return Logits;
    }

    /// <summary>Forgets the text.</summary>
    public void Clear() => State.Clear();
}
