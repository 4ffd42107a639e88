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
public sealed class Mamba2Decoder : LanguageDecoder
{
    // Products within a chunk grow with its square, those with states do not depend on it: checkpoints say 256, for other processors.
    private const int FastChunk = 64;

    private readonly DecoderLayer[] _layers;
    private readonly Tensor _normF;

    /// <summary>Prepares a model that was trained here. Make a new one after training: the weights are copies.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to keep its weights; null for as they are.</param>
    public Mamba2Decoder(Mamba2LanguageModel model, DecoderOptions? options = null)
        : this((model ?? throw new ArgumentNullException(nameof(model))).Config, new ModelWeights(model.Store), options ?? new())
    {
    }

    private Mamba2Decoder(Mamba2Config config, IDecoderWeights weights, DecoderOptions options)
        : this(config, weights, options, weights.Matrix(ModelTensors.Embedding, config.VocabSize, config.DModel, options.Head ?? options.Weights))
    {
    }

    private Mamba2Decoder(Mamba2Config config, IDecoderWeights weights, DecoderOptions options, StoredTensor embedding)
        : base(embedding, config.TieEmbeddings ? embedding : weights.Matrix(ModelTensors.Head, config.VocabSize, config.DModel, options.Head ?? options.Weights))
    {
        Config = options.Spiking is null ? config : config with { Spiking = options.Spiking };
        Config.Validate();
        SpikeForm = options.SpikeForm;
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => new DecoderLayer(Config, layer, weights, options))];
        _normF = weights.Small("backbone.norm_f.weight", config.DModel);
    }

    private Mamba2Decoder(Mamba2Decoder other, Mamba2Config config, DecoderLayer[] layers)
        : base(other.TokenTable, other.HeadWeight)
    {
        (Config, _normF) = (config, other._normF);
        _layers = layers;
        SpikeForm = other.SpikeForm;
    }

    /// <summary>Sizes and switches.</summary>
    public override Mamba2Config Config { get; }

    /// <summary>How a token's spikes are given to a product by additions.</summary>
    public SpikeForm SpikeForm { get; }

    /// <inheritdoc/>
    public override long WeightBytes => HeadWeight.Bytes + _layers.Sum(layer => layer.WeightBytes);

    /// <inheritdoc/>
    public override StorageType WeightType => _layers[0].WeightType;

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
    public static new Mamba2Decoder Load(string folder, DecoderOptions? options = null)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Config is Mamba2Config config
            ? Of(checkpoint, config, options)
            : throw new InvalidDataException($"{checkpoint.Path} is of a model of type '{checkpoint.Config.ModelType}', not '{HuggingFaceConfig.ModelType}'");
    }

    /// <inheritdoc/>
    public override Mamba2State NewState(int batch = 1) => new(Config, batch);

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
        DecoderState.RequireSequences(sample.Length, batch: 1, state: null);
        RequireTokens(sample.Span);
        Tensor residual = EmbedTokens(sample.Span, 1, sample.Length);
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
        return Logits(Hidden(ids, batch, state, padding, spikes), lastOnly);
    }

    /// <summary>As <see cref="Forward"/>, up to norm_f: [B, T, D].</summary>
    internal Tensor Hidden(
        ReadOnlyMemory<int> ids, int batch, Mamba2State? state, ReadOnlySpan<int> padding, Spiking.SpikeStatistics? spikes)
    {
        int length = DecoderState.RequireSequences(ids.Length, batch, state);
        RequireTokens(ids.Span);
        PassContext context = new(state, spikes is null ? null : new ForwardTrace { Spikes = spikes }, LeftPadding.Mask(padding, batch, length, state));
        Tensor residual = EmbedTokens(ids.Span, batch, length), next = Tensor.Like(residual);
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

    internal override Tensor Hidden(ReadOnlyMemory<int> ids, int batch, DecoderState? state, Spiking.SpikeStatistics? spikes) =>
        Hidden(ids, batch, (Mamba2State?)state, padding: [], spikes);

    internal override void Step(int token, DecoderState state, DecodeBuffers buffers) => Step(token, (Mamba2State)state, (Mamba2Buffers)buffers);

    internal override long StateBytes(int tokens) => Mamba2State.BytesOf(Config);

    internal override Mamba2Buffers NewBuffers() => new(Config, SpikeForm);

    private void Step(int token, Mamba2State state, Mamba2Buffers buffers)
    {
        Span<float> residual = buffers.Residual.Span;
        TokenTable.DecodeRows(token, 1, residual);
        buffers.Clock?.Start();
        for (int layer = 0; layer < _layers.Length; layer++)
            _layers[layer].Step(residual, state.ConvWindow(layer, 0), state.SsmMemory(layer), buffers);
        state.Advance(1);
        DecoderLayer.Norm(residual, _normF, Config.NormEpsilon, buffers.Hidden.Span);
        Head(buffers);
        buffers.Clock?.NoteHead();
    }

    /// <summary>Nothing but the projections of a token, on whatever the buffers hold: what they take of its time.</summary>
    internal void Projections(Mamba2Buffers buffers)
    {
        foreach (DecoderLayer layer in _layers)
            layer.Projections(buffers);
    }

    /// <summary>The blocks.</summary>
    internal IReadOnlyList<DecoderLayer> Layers => _layers;

    /// <summary>What the first block gets, [B, T, D].</summary>
    internal Tensor Embed(ReadOnlySpan<int> ids, int batch, int length) => EmbedTokens(ids, batch, length);

    /// <summary>The decoder of an open checkpoint.</summary>
    internal static Mamba2Decoder Of(Checkpoint checkpoint, Mamba2Config config, DecoderOptions? options) => new(
        config with { ChunkSize = Math.Min(config.ChunkSize, FastChunk) }, new CheckpointWeights(checkpoint), options ?? new());
}
