using SpikeEngine.Kernels;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Decoding;

namespace SpikeEngine.Model;

/// <summary>
/// A model prepared for running: whole prompts by the chunked scan, or token by token by the recurrence. Weights are single precision,
/// bfloat16, half precision or bytes, and are computed with as they are stored; states are single precision. Projections behind neurons
/// are laid out by input, so that inputs that do not spike cost nothing.
/// Immutable, so any number of sessions can use it at the same time, from any threads.
/// </summary>
public sealed class Mamba2Decoder
{
    // Products within a chunk grow with its square, those with states do not depend on it: checkpoints say 256, for other processors.
    private const int FastChunk = 64;

    private const int LogitsTogether = 1 << 24;   // 64 MB of them

    private readonly StoredTensor _embedding;
    private readonly DecoderLayer[] _layers;
    private readonly Tensor _normF;
    private readonly StoredTensor _head;

    /// <summary>Prepares a model that was trained here. Make a new one after training: the weights are copies.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to keep its weights; null for as they are.</param>
    public Mamba2Decoder(Mamba2LanguageModel model, DecoderOptions? options = null)
        : this((model ?? throw new ArgumentNullException(nameof(model))).Config, new ModelWeights(model.Store), options ?? new())
    {
    }

    private Mamba2Decoder(Mamba2Config config, IDecoderWeights weights, DecoderOptions options)
    {
        Config = options.Spiking is null ? config : config with { Spiking = options.Spiking };
        Config.Validate();
        SpikeForm = options.SpikeForm;
        StorageType? head = options.Head ?? options.Weights;
        _embedding = weights.Matrix(ModelTensors.Embedding, config.VocabSize, config.DModel, head);
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => new DecoderLayer(Config, layer, weights, options))];
        _normF = weights.Small("backbone.norm_f.weight", config.DModel);
        _head = config.TieEmbeddings ? _embedding : weights.Matrix(ModelTensors.Head, config.VocabSize, config.DModel, head);
    }

    private Mamba2Decoder(Mamba2Decoder other, Mamba2Config config, DecoderLayer[] layers)
    {
        (Config, _embedding, _normF, _head) = (config, other._embedding, other._normF, other._head);
        _layers = layers;
        SpikeForm = other.SpikeForm;
    }

    /// <summary>Sizes and switches.</summary>
    public Mamba2Config Config { get; }

    /// <summary>How a token's spikes are given to a product by additions.</summary>
    public SpikeForm SpikeForm { get; }

    /// <summary>Bytes of all matrices that a token touches: each is read once for it.</summary>
    public long WeightBytes => _head.Bytes + _layers.Sum(layer => layer.WeightBytes);

    /// <summary>How the projections are kept.</summary>
    public StorageType WeightType => _layers[0].WeightType;

    /// <summary>
    /// Opens a model folder: Hugging Face's or state-spaces' layout, safetensors or a pickled <c>.bin</c>, whole or in shards. Dense weights that
    /// are kept as they are stored are not copied: the files are mapped, and the first use of a weight reads it. Prompts are read in chunks of at
    /// most 64 tokens, whatever the configuration says: the same model, summed in another order.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">How to keep the weights; null for as they are.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or config and weights contradict each other.</exception>
    public static Mamba2Decoder Load(string folder, DecoderOptions? options = null)
    {
        using Checkpoint checkpoint = Checkpoint.Open(folder);
        Mamba2Config config = checkpoint.Config;
        return new Mamba2Decoder(
            config with { ChunkSize = Math.Min(config.ChunkSize, FastChunk) }, new CheckpointWeights(checkpoint), options ?? new());
    }

    /// <summary>A new, empty text.</summary>
    /// <param name="rememberedCalls">How many calls that append tokens can be taken back; each is remembered as a copy of the state.</param>
    public Mamba2Session NewSession(int rememberedCalls = 0) => new(this, rememberedCalls);

    /// <summary>
    /// The same weights with thresholds at which a share of the inputs of every projection spikes: to look at speed and quality at a rate
    /// before a model has been trained for it.
    /// </summary>
    /// <param name="rate">The share, above 0 and below 1.</param>
    /// <param name="sample">Tokens to find the thresholds on: what is typical for the use.</param>
    /// <exception cref="InvalidOperationException">The model has no neurons.</exception>
    /// <exception cref="ArgumentException">The rate is impossible, or the sample is empty or not of the vocabulary.</exception>
    public Mamba2Decoder WithSpikeRate(double rate, ReadOnlyMemory<int> sample)
    {
        if (Config.Spiking is null)
            throw new InvalidOperationException("The model has no neurons whose thresholds could be set.");
        if (!(rate > 0 && rate < 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "The share of inputs that spike must be above 0 and below 1.");
        Mamba2State.RequireSequences(sample.Length, batch: 1, state: null);
        RequireTokens(sample.Span);
        Tensor residual = Embed(sample.Span, 1, sample.Length);
        return new Mamba2Decoder(this, Config, Array.ConvertAll(_layers, layer => layer.Calibrated(rate, ref residual)));
    }

    /// <summary>
    /// The same weights, with one number in the place of the channel of largest magnitude of each token in front of a projection, and in front of its
    /// neuron where there is one, in all layers: to see how much of the meaning a few large channels carry (SpikingMamba, table on polarisation).
    /// </summary>
    /// <param name="site">The projection.</param>
    /// <param name="value">The number: 0 and 1 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such projection, or the number is not finite.</exception>
    public Mamba2Decoder WithPolarization(Spiking.SpikeSite site, float value)
    {
        if (site is not (Spiking.SpikeSite.InProj or Spiking.SpikeSite.OutProj))
            throw new ArgumentOutOfRangeException(nameof(site), site, "There is no such projection.");
        if (!float.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "The number must be finite.");
        return new Mamba2Decoder(this, Config, Array.ConvertAll(_layers, layer => layer.Polarized(site, value)));
    }

    /// <summary>The same weights with another length of chunks: the same model, summed in another order.</summary>
    /// <exception cref="ArgumentException">It is not positive.</exception>
    public Mamba2Decoder WithChunkSize(int chunkSize)
    {
        Mamba2Config config = Config with { ChunkSize = chunkSize };
        config.Validate();
        return new Mamba2Decoder(this, config, Array.ConvertAll(_layers, layer => layer.With(config)));
    }

    /// <summary>Logits of the next token at every position, or only at the last.</summary>
    /// <param name="ids">Token ids, sequence after sequence; batch * length of them.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="state">Where the sequences continue from, and where they end; null starts at zero and forgets.</param>
    /// <param name="padding">Padding tokens in front of each sequence, any ids; their logits mean nothing. Empty for none.</param>
    /// <param name="lastOnly">Whether only the logits after each sequence's last token are wanted.</param>
    /// <param name="spikes">Counts the spikes in front of each projection, when given.</param>
    /// <returns>[B, T, V], or [B, V]</returns>
    /// <exception cref="ArgumentException">
    /// The ids do not divide into the batch, one is outside the vocabulary, or the padding is impossible or not at the beginning of the texts.
    /// </exception>
    public Tensor Forward(
        ReadOnlyMemory<int> ids, int batch, Mamba2State? state = null, ReadOnlySpan<int> padding = default, bool lastOnly = false,
        Spiking.SpikeStatistics? spikes = null)
    {
        Tensor hidden = Hidden(ids, batch, state, padding, spikes);
        return Ops.Linear(lastOnly ? LastRows(hidden) : hidden, _head);
    }

    /// <summary>
    /// How likely given tokens are at given positions. The logits of many positions are never held at once, so that whole windows of text
    /// can be asked about.
    /// </summary>
    /// <param name="ids">Token ids, sequence after sequence; batch * length of them. Shorter sequences may be padded at their ends with any ids.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="positions">Positions in <paramref name="ids"/>, in any order; one may be asked about several times.</param>
    /// <param name="targets">For each of them a token: how likely is it to follow?</param>
    /// <param name="state">Where the sequences continue from, and where they end; null starts at zero and forgets.</param>
    /// <param name="spikes">Counts the spikes in front of each projection, those of padding too, when given.</param>
    /// <returns>[positions]</returns>
    /// <exception cref="ArgumentException">
    /// The ids do not divide into the batch, there are not as many targets as positions, or an id or a target is outside the vocabulary.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is outside the ids.</exception>
    public TokenScore[] Score(
        ReadOnlyMemory<int> ids, int batch, ReadOnlyMemory<int> positions, ReadOnlyMemory<int> targets, Mamba2State? state = null,
        Spiking.SpikeStatistics? spikes = null)
    {
        if (targets.Length != positions.Length)
            throw new ArgumentException($"There are {targets.Length} targets for {positions.Length} positions.", nameof(targets));
        RequireTokens(targets.Span);
        Tensor rows = Hidden(ids, batch, state, padding: [], spikes).Reshape(ids.Length, Config.DModel);
        TokenScore[] scores = new TokenScore[positions.Length];
        int most = Math.Max(1, LogitsTogether / Config.VocabSize);
        for (int first = 0; first < scores.Length; first += most)
        {
            int count = Math.Min(most, scores.Length - first);
            using (Workspace.OpenRegion())
            {
                Tensor logits = Ops.Linear(Ops.IndexSelect(rows, positions.Slice(first, count), axis: 0), _head);
                TokenScore.Of(logits, targets.Slice(first, count), scores.AsSpan(first, count));
            }
        }

        return scores;
    }

    /// <summary>As <see cref="Forward"/>, up to norm_f: [B, T, D].</summary>
    internal Tensor Hidden(
        ReadOnlyMemory<int> ids, int batch, Mamba2State? state, ReadOnlySpan<int> padding, Spiking.SpikeStatistics? spikes)
    {
        int length = Mamba2State.RequireSequences(ids.Length, batch, state);
        RequireTokens(ids.Span);
        PassContext context = new(state, spikes is null ? null : new ForwardTrace { Spikes = spikes }, LeftPadding.Mask(padding, batch, length, state));
        Tensor residual = Embed(ids.Span, batch, length), next = Tensor.Like(residual);
        foreach (DecoderLayer layer in _layers)
        {
            // Layer by layer in the same memory: it stays in the cache, and does not grow with the number of layers.
            using (Workspace.OpenRegion())
                layer.Forward(residual, context).Values.CopyTo(next.Values);
            (residual, next) = (next, residual);
        }

        state?.Advance(length);
        return Ops.RmsNorm(residual, _normF, Config.NormEpsilon);
    }

    /// <summary>One token, which is known to be of the vocabulary: logits of the next one into the buffers.</summary>
    internal void Step(int token, Mamba2State state, DecodeBuffers buffers)
    {
        Span<float> residual = buffers.Residual.Span;
        _embedding.DecodeRows(token, 1, residual);
        buffers.Clock?.Start();
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer].Step(residual, state.ConvWindow(layer, 0), state.SsmMemory(layer), buffers);
        state.Advance(1);
        DecoderLayer.Norm(residual, _normF, Config.NormEpsilon, buffers.Hidden.Span);
        Head(buffers);
        buffers.Clock?.NoteHead();
    }

    /// <summary>Logits from what norm_f left in the buffers.</summary>
    internal void Head(DecodeBuffers buffers) => _head.Multiply(buffers.Hidden, buffers.Logits);

    /// <summary>Nothing but the projections of a token, on whatever the buffers hold: what they take of its time.</summary>
    internal void Projections(DecodeBuffers buffers)
    {
        foreach (DecoderLayer layer in _layers)
            layer.Projections(buffers);
    }

    /// <summary>The blocks.</summary>
    internal IReadOnlyList<DecoderLayer> Layers => _layers;

    /// <summary>What the first block gets, [B, T, D].</summary>
    internal Tensor Embed(ReadOnlySpan<int> ids, int batch, int length)
    {
        Tensor rows = new(batch, length, Config.DModel);
        for (int i = 0; i < ids.Length; i++)
            _embedding.DecodeRows(ids[i], 1, rows.Values.Slice(i * Config.DModel, Config.DModel));
        return rows;
    }

    private static Tensor LastRows(Tensor hidden)
    {
        Tensor last = new(hidden.Shape[0], hidden.Columns);
        for (int sequence = 0; sequence < last.Rows; sequence++)
            hidden.Values.Slice(((sequence + 1) * hidden.Shape[1] - 1) * hidden.Columns, hidden.Columns).CopyTo(last.Values[(sequence * hidden.Columns)..]);
        return last;
    }

    /// <summary>Refuses ids that are none, before anything has changed.</summary>
    internal void RequireTokens(ReadOnlySpan<int> tokens)
    {
        int bad = tokens.IndexOfAnyExceptInRange(0, Config.VocabSize - 1);
        if (bad >= 0)
            throw new ArgumentOutOfRangeException(nameof(tokens), $"Token {tokens[bad]} is outside the vocabulary of {Config.VocabSize}.");
    }
}
