using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model;

/// <summary>One text in the making: a state and the buffers of a step. Not for several threads at once.</summary>
public sealed class Mamba2Session
{
    private const int PrefillPiece = 2048;

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

    /// <summary>Appends several tokens, by the chunked scan; a long text goes in pieces, so that memory stays bounded.</summary>
    /// <returns><see cref="Logits"/></returns>
    /// <exception cref="ArgumentException">There are no tokens, or one is outside the vocabulary.</exception>
    public ReadOnlySpan<float> Prefill(ReadOnlyMemory<int> tokens)
    {
        if (tokens.IsEmpty)
            throw new ArgumentException("There are no tokens to append.", nameof(tokens));
        for (int start = 0; start < tokens.Length; start += PrefillPiece)
        {
            using Workspace.Scope scope = _workspace.Open();
            Tensor hidden = _decoder.Model.Hidden(tokens.Slice(start, Math.Min(PrefillPiece, tokens.Length - start)), batch: 1, State, trace: null);
            hidden.Values[^hidden.Columns..].CopyTo(_buffers.Hidden.Span);
        }

        // Only the last token's logits are asked for.
        _decoder.Head(_buffers);
        return Logits;
    }

    /// <summary>Forgets the text.</summary>
    public void Clear() => State.Clear();
}
