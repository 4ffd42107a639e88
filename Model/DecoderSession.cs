using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>
/// One text in the making: a state and the buffers of a step. Not for several threads at once, but any number of sessions can share a
/// <see cref="LanguageDecoder"/> and run at the same time, with the same bits as alone.
/// </summary>
public sealed class DecoderSession
{
    private const int PrefillPiece = 512;   // of a long text: bounds the memory, and is enough rows for a product

    private readonly LanguageDecoder _decoder;
    private readonly DecodeBuffers _buffers;
    private readonly Workspace _workspace = new();
    private readonly StepHistory _history;

    internal DecoderSession(LanguageDecoder decoder, int rememberedCalls)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rememberedCalls);
        _decoder = decoder;
        _buffers = decoder.NewBuffers();
        _history = new StepHistory(rememberedCalls);
        State = decoder.NewState();
    }

    /// <summary>What the model remembers of the text so far.</summary>
    public DecoderState State { get; }

    /// <summary>Counts the spikes in front of each projection, when set.</summary>
    public SpikeStatistics? Spikes
    {
        get => _buffers.Spikes;
        set => _buffers.Spikes = value;
    }

    /// <summary>Notes where the time of <see cref="Step"/> goes, when set.</summary>
    /// <exception cref="ArgumentException">It is for another number of layers.</exception>
    public DecodeClock? Clock
    {
        get => _buffers.Clock;
        set
        {
            if (value is not null && value.LayerCount != _decoder.Config.LayerCount)
                throw new ArgumentException($"The clock is for {value.LayerCount} layers, the model has {_decoder.Config.LayerCount}.", nameof(value));
            _buffers.Clock = value;
        }
    }

    /// <summary>Logits of the token after the last one seen [V]; overwritten by the next call.</summary>
    public ReadOnlySpan<float> Logits => _buffers.Logits.Span;

    /// <summary>Appends one token.</summary>
    /// <returns><see cref="Logits"/></returns>
    /// <exception cref="ArgumentOutOfRangeException">The token is outside the vocabulary.</exception>
    /// <exception cref="ArgumentException">The text would be longer than the model has positions.</exception>
    public ReadOnlySpan<float> Step(int token)
    {
        _decoder.RequireTokens([token]);
        _decoder.RequireRoom(State.Position + 1);
        _history.Note(this);
        _decoder.Step(token, State, _buffers);
        return Logits;
    }

    /// <summary>Appends several tokens, many at once; a long text goes in pieces, so that memory stays bounded.</summary>
    /// <param name="tokens">Their ids.</param>
    /// <param name="cancellation">Stops between two pieces; the text is then as it was before.</param>
    /// <returns><see cref="Logits"/></returns>
    /// <exception cref="ArgumentException">There are no tokens, one is outside the vocabulary, or the text would be longer than the model has positions.</exception>
    public ReadOnlySpan<float> Prefill(ReadOnlyMemory<int> tokens, CancellationToken cancellation = default)
    {
        if (tokens.IsEmpty)
            throw new ArgumentException("There are no tokens to append.", nameof(tokens));
        _decoder.RequireTokens(tokens.Span);
        _decoder.RequireRoom(State.Position + tokens.Length);
        cancellation.ThrowIfCancellationRequested();
        _history.Note(this);
        SessionSnapshot? before = cancellation.CanBeCanceled && tokens.Length > PrefillPiece ? Snapshot() : null;
        for (int start = 0; start < tokens.Length; start += PrefillPiece)
        {
            if (cancellation.IsCancellationRequested)
            {
                Restore(before!);
                cancellation.ThrowIfCancellationRequested();
            }

            using Workspace.Scope scope = _workspace.Open();
            Tensor hidden = _decoder.Hidden(tokens.Slice(start, Math.Min(PrefillPiece, tokens.Length - start)), batch: 1, State, Spikes);
            hidden.Values[^hidden.Columns..].CopyTo(_buffers.Hidden.Span);
        }

        // Only the last token's logits are asked for.
        _decoder.Head(_buffers);
        return Logits;
    }

    /// <summary>Forgets the text.</summary>
    public void Clear()
    {
        State.Clear();
        _buffers.Logits.Span.Clear();
        _history.Clear();
    }

    /// <summary>This moment as a value of its own.</summary>
    public SessionSnapshot Snapshot() => new(State.Copy(), Logits.ToArray());

    /// <summary>Goes on from a moment of this or another session of the same model.</summary>
    /// <exception cref="ArgumentException">It is of a model with other sizes.</exception>
    public void Restore(SessionSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        State.CopyFrom(snapshot.State);
        snapshot.Logits.CopyTo(_buffers.Logits.Span);
    }

    /// <summary>A second session that goes on from here on its own.</summary>
    public DecoderSession Fork()
    {
        DecoderSession fork = _decoder.NewSession(_history.Capacity);
        fork.State.CopyFrom(State);
        Logits.CopyTo(fork._buffers.Logits.Span);
        return fork;
    }

    /// <summary>Takes the last tokens back, bit by bit: as if they had never been appended.</summary>
    /// <param name="tokens">How many; the session must remember the moment before them.</param>
    /// <exception cref="InvalidOperationException">It does not: <see cref="LanguageDecoder.NewSession"/> says how many calls it remembers.</exception>
    public void RollBack(int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        if (tokens > 0)
            Restore(_history.TakeBack(State.Position - tokens));
    }
}
