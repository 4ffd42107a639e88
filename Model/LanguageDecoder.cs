using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Opt;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>
/// A language model prepared for running: whole prompts at once, or token by token. Immutable, so any number of sessions can use it at the
/// same time, from any threads.
/// </summary>
public abstract class LanguageDecoder
{
    private const int LogitsTogether = 1 << 24;   // 64 MB of them

    private protected LanguageDecoder(StoredTensor embedding, StoredTensor head)
    {
        (TokenTable, HeadWeight) = (embedding, head);
    }

    /// <summary>Sizes and switches.</summary>
    public abstract LanguageModelConfig Config { get; }

    /// <summary>Bytes of all matrices that a token touches: each is read once for it.</summary>
    public abstract long WeightBytes { get; }

    /// <summary>How the projections are kept.</summary>
    public abstract StorageType WeightType { get; }

    /// <summary>The table of token embeddings [V, D].</summary>
    private protected StoredTensor TokenTable { get; }

    /// <summary>The head [V, D].</summary>
    private protected StoredTensor HeadWeight { get; }

    /// <summary>
    /// Opens a model folder of any kind: Hugging Face's or state-spaces' layout, safetensors or a pickled <c>.bin</c>, whole or in shards. Dense
    /// weights that are kept as they are stored are not copied: the files are mapped, and the first use of a weight reads it.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How to keep the weights; null for as they are.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or config and weights contradict each other.</exception>
    /// <exception cref="ArgumentException">The options ask for something that this kind of model has not.</exception>
    public static LanguageDecoder Load(string folder, DecoderOptions? options = null)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Config switch
        {
            Mamba2Config config => Mamba2Decoder.Of(checkpoint, config, options),
            OptConfig config => OptDecoder.Of(checkpoint, config, options),
            var other => throw new NotSupportedException($"There is no decoder for {other.ModelType}."),
        };
    }

    /// <summary>A new, empty text.</summary>
    /// <param name="rememberedCalls">How many calls that append tokens can be taken back; each is remembered as a copy of the state.</param>
    public DecoderSession NewSession(int rememberedCalls = 0) => new(this, rememberedCalls);

    /// <summary>The state of texts that have not begun.</summary>
    /// <param name="batch">How many.</param>
    public abstract DecoderState NewState(int batch = 1);

    /// <summary>Bytes of the state of one text.</summary>
    /// <param name="tokens">Its length.</param>
    internal abstract long StateBytes(int tokens);

    /// <summary>Logits of the next token at every position, or only at the last.</summary>
    /// <param name="ids">Token ids, sequence after sequence; batch * length of them.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="state">Where the sequences continue from, and where they end; null starts at the beginning and forgets.</param>
    /// <param name="lastOnly">Whether only the logits after each sequence's last token are wanted.</param>
    /// <param name="spikes">Counts the spikes, when given.</param>
    /// <returns>[B, T, V], or [B, V]</returns>
    /// <exception cref="ArgumentException">The ids do not divide into the batch, one is outside the vocabulary, or the texts are too long.</exception>
    public Tensor Forward(
        ReadOnlyMemory<int> ids, int batch, DecoderState? state = null, bool lastOnly = false, SpikeStatistics? spikes = null) =>
        Logits(Hidden(ids, batch, state, spikes), lastOnly);

    /// <summary>
    /// How likely given tokens are at given positions. The logits of many positions are never held at once, so that whole windows of text
    /// can be asked about.
    /// </summary>
    /// <param name="ids">Token ids, sequence after sequence; batch * length of them. Shorter sequences may be padded at their ends with any ids.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="positions">Positions in <paramref name="ids"/>, in any order; one may be asked about several times.</param>
    /// <param name="targets">For each of them a token: how likely is it to follow?</param>
    /// <param name="state">Where the sequences continue from, and where they end; null starts at the beginning and forgets.</param>
    /// <param name="spikes">Counts the spikes, those of padding too, when given.</param>
    /// <returns>[positions]</returns>
    /// <exception cref="ArgumentException">
    /// The ids do not divide into the batch, there are not as many targets as positions, or an id or a target is outside the vocabulary.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is outside the ids.</exception>
    public TokenScore[] Score(
        ReadOnlyMemory<int> ids, int batch, ReadOnlyMemory<int> positions, ReadOnlyMemory<int> targets, DecoderState? state = null,
        SpikeStatistics? spikes = null)
    {
        if (targets.Length != positions.Length)
            throw new ArgumentException($"There are {targets.Length} targets for {positions.Length} positions.", nameof(targets));
        RequireTokens(targets.Span);
        Tensor hidden = Hidden(ids, batch, state, spikes), rows = hidden.Reshape(ids.Length, hidden.Columns);
        TokenScore[] scores = new TokenScore[positions.Length];
        int most = Math.Max(1, LogitsTogether / Config.VocabSize);
        for (int first = 0; first < scores.Length; first += most)
        {
            int count = Math.Min(most, scores.Length - first);
            using (Workspace.OpenRegion())
            {
                Tensor logits = Ops.Linear(Ops.IndexSelect(rows, positions.Slice(first, count), axis: 0), HeadWeight);
                TokenScore.Of(logits, targets.Slice(first, count), scores.AsSpan(first, count));
            }
        }

        return scores;
    }

    /// <summary>As <see cref="Forward"/>, up to the last norm: [B, T, D].</summary>
    internal abstract Tensor Hidden(ReadOnlyMemory<int> ids, int batch, DecoderState? state, SpikeStatistics? spikes);

    /// <summary>One token, which is known to be of the vocabulary: logits of the next one into the buffers.</summary>
    internal abstract void Step(int token, DecoderState state, DecodeBuffers buffers);

    /// <summary>Room for a step.</summary>
    internal abstract DecodeBuffers NewBuffers();

    /// <summary>Logits from what the last norm left in the buffers.</summary>
    internal void Head(DecodeBuffers buffers) => HeadWeight.Multiply(buffers.Hidden[..HeadWeight.RowLength], buffers.Logits);

    /// <summary>Refuses ids that are none, before anything has changed.</summary>
    internal void RequireTokens(ReadOnlySpan<int> tokens)
    {
        int bad = tokens.IndexOfAnyExceptInRange(0, Config.VocabSize - 1);
        if (bad >= 0)
            throw new ArgumentOutOfRangeException(nameof(tokens), $"Token {tokens[bad]} is outside the vocabulary of {Config.VocabSize}.");
    }

    /// <summary>Refuses texts that are longer than the model has positions, before anything has changed.</summary>
    internal void RequireRoom(long length)
    {
        if (length > Config.MaxLength)
            throw new ArgumentException($"A text of {length} tokens is longer than the {Config.MaxLength} positions of the model.", nameof(length));
    }

    internal Tensor Logits(Tensor hidden, bool lastOnly) => Ops.Linear(lastOnly ? LastRows(hidden) : hidden, HeadWeight);

    /// <summary>The embeddings of tokens, [B, T, D].</summary>
    private protected Tensor EmbedTokens(ReadOnlySpan<int> ids, int batch, int length)
    {
        Tensor rows = new(batch, length, TokenTable.RowLength);
        for (int i = 0; i < ids.Length; i++)
            TokenTable.DecodeRows(ids[i], 1, rows.Values.Slice(i * rows.Columns, rows.Columns));
        return rows;
    }

    private static Tensor LastRows(Tensor hidden)
    {
        Tensor last = new(hidden.Shape[0], hidden.Columns);
        for (int sequence = 0; sequence < last.Rows; sequence++)
            hidden.Values.Slice(((sequence + 1) * hidden.Shape[1] - 1) * hidden.Columns, hidden.Columns).CopyTo(last.Values[(sequence * hidden.Columns)..]);
        return last;
    }
}
