using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>One text in the making: a state and the buffers of a step. Not for several threads at once.</summary>
public sealed class Mamba2Session
{
    private const int PrefillPiece = 512;   // of a long text: bounds the memory, and is enough rows for a product

    private readonly Mamba2Decoder _decoder;
    private readonly DecodeBuffers _buffers;
    private readonly Workspace _workspace = new();

    internal Mamba2Session(Mamba2Decoder decoder)
    {
        _decoder = decoder;
        _buffers = new DecodeBuffers(decoder.Config);
        State = new Mamba2State(decoder.Config);
    }

    /// <summary>What the model remembers of the text so far.</summary>
    public Mamba2State State { get; }

    /// <summary>Counts the spikes in front of each projection, when set.</summary>
    public SpikeStatistics? Spikes
    {
        get => _buffers.Spikes;
        set => _buffers.Spikes = value;
    }

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
            Tensor hidden = _decoder.Hidden(tokens.Slice(start, Math.Min(PrefillPiece, tokens.Length - start)), batch: 1, State, padding: [], Spikes);
            hidden.Values[^hidden.Columns..].CopyTo(_buffers.Hidden.Span);
        }

        // Only the last token's logits are asked for.
        _decoder.Head(_buffers);
        return Logits;
    }

    /// <summary>Forgets the text.</summary>
    public void Clear() => State.Clear();
}
