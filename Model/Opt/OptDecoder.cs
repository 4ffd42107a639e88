using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Decoding;
using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model.Opt;

/// <summary>
/// An OPT-style model, dense or BiSpikCLM's spiking one, prepared for running. It remembers keys and values of all tokens: single precision of a dense
/// model, a bit for each step of a spiking one, whose projections only add the weights of active inputs. Immutable.
/// </summary>
public sealed class OptDecoder : LanguageDecoder
{
    private readonly OptDecoderLayer[] _layers;
    private readonly Tensor _positions;
    private readonly StoredTensor? _projectIn, _projectOut;
    private readonly DecoderNorm? _finalNorm;

    /// <summary>Prepares a model that was trained here. Make a new one after training: the weights are copies.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to keep its weights; null for as they are.</param>
    /// <exception cref="ArgumentException">The options ask for SpikingMamba's neurons.</exception>
    public OptDecoder(OptLanguageModel model, DecoderOptions? options = null)
        : this((model ?? throw new ArgumentNullException(nameof(model))).Config, new ModelWeights(model.Store), options ?? new())
    {
    }

    private OptDecoder(OptConfig config, IDecoderWeights weights, DecoderOptions options)
        : this(config, weights, options, weights.Matrix(OptTensors.Embedding, config.VocabSize, config.EmbeddingWidth, options.Head ?? options.Weights))
    {
    }

    private OptDecoder(OptConfig config, IDecoderWeights weights, DecoderOptions options, StoredTensor embedding)
        : base(embedding, config.TieEmbeddings ? embedding : weights.Matrix(ModelTensors.Head, config.VocabSize, config.EmbeddingWidth, options.Head ?? options.Weights))
    {
        if (options.Spiking is not null)
            throw new ArgumentException($"A model of type '{config.ModelType}' takes no TI-LIF neurons; they are for Mamba2.", nameof(options));
        Config = config;
        _positions = weights.Small(OptTensors.Positions, config.MaxPositions + OptConfig.PositionOffset, config.DModel);
        if (config.ProjectsEmbedding)
        {
            _projectIn = weights.Matrix($"{OptTensors.Decoder}.project_in.weight", config.DModel, config.EmbeddingWidth, options.Weights);
            _projectOut = weights.Matrix($"{OptTensors.Decoder}.project_out.weight", config.EmbeddingWidth, config.DModel, options.Weights);
        }

        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => OptDecoderLayer.Of(config, layer, weights, options))];
        _finalNorm = config.NormBefore ? new DecoderNorm(weights, $"{OptTensors.Decoder}.final_layer_norm", config) : null;
    }

    /// <inheritdoc/>
    public override OptConfig Config { get; }

    /// <inheritdoc/>
    public override long WeightBytes => HeadWeight.Bytes + (_projectIn?.Bytes ?? 0) + (_projectOut?.Bytes ?? 0) + _layers.Sum(layer => layer.WeightBytes);

    /// <inheritdoc/>
    public override StorageType WeightType => _layers[0].WeightType;

    /// <summary>Opens a model folder, as <see cref="LanguageDecoder.Load"/>.</summary>
    /// <inheritdoc cref="LanguageDecoder.Load"/>
    public static new OptDecoder Load(string folder, DecoderOptions? options = null)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return checkpoint.Config is OptConfig config
            ? Of(checkpoint, config, options)
            : throw new InvalidDataException($"{checkpoint.Path} is of a model of type '{checkpoint.Config.ModelType}', not '{OptConfigFile.ModelType}' or '{OptConfigFile.SpikingModelType}'");
    }

    /// <inheritdoc/>
    public override OptState NewState(int batch = 1) => new(Config, batch);

    /// <summary>The decoder of an open checkpoint.</summary>
    internal static OptDecoder Of(Checkpoint checkpoint, OptConfig config, DecoderOptions? options) => new(config, new CheckpointWeights(checkpoint), options ?? new());

    /// <summary>The blocks.</summary>
    internal IReadOnlyList<OptDecoderLayer> Layers => _layers;

    internal override long StateBytes(int tokens) => (long)Math.Ceiling(OptState.BytesPerToken(Config) * Math.Max(tokens, 512));

    internal override OptBuffers NewBuffers() => new(Config);

    internal override Tensor Hidden(ReadOnlyMemory<int> ids, int batch, DecoderState? state, SpikeStatistics? spikes)
    {
        int length = DecoderState.RequireSequences(ids.Length, batch, state);
        RequireTokens(ids.Span);
        OptState texts = (OptState?)state ?? NewState(batch);
        RequireRoom(texts.Position + length);
        Tensor x = Embed(ids.Span, batch, length, (int)texts.Position), next = Tensor.Like(x);
        foreach (OptDecoderLayer layer in _layers)
        {
            // Layer by layer in the same memory: it stays in the cache, and does not grow with the number of layers.
            using (Workspace.OpenRegion())
                layer.Forward(x, texts, spikes).Values.CopyTo(next.Values);
            (x, next) = (next, x);
        }

        texts.Advance(length);
        return Readout(x);
    }

    internal override void Step(int token, DecoderState state, DecodeBuffers buffers) => Step(token, (OptState)state, (OptBuffers)buffers);

    private void Step(int token, OptState state, OptBuffers buffers)
    {
        buffers.Clock?.Start();
        EmbedOne(token, (int)state.Position, buffers);
        foreach (OptDecoderLayer layer in _layers)
            layer.Step(buffers, state);
        state.Advance(1);
        ReadoutOne(buffers);
        Head(buffers);
        buffers.Clock?.NoteHead();
    }

    /// <summary>What the first block gets.</summary>
    internal Tensor Embed(ReadOnlySpan<int> ids, int batch, int length, int position)
    {
        Tensor tokens = EmbedTokens(ids, batch, length), x = _projectIn is null ? tokens : Ops.Linear(tokens, _projectIn);
        x = Ops.Add(x, _positions.SliceRows(position + OptConfig.PositionOffset, length));
        return Config.Spiking is { } spiking
            ? Ops.Expand(Ops.Scale(x, spiking.InputScale).Reshape(1, batch, length, Config.DModel), spiking.TimeSteps, batch, length, Config.DModel)
            : x;
    }

    /// <summary>What the first block gets of one token, into the buffers' stream.</summary>
    internal void EmbedOne(int token, int position, OptBuffers buffers)
    {
        Memory<float> x = buffers.Stream[..Config.DModel];
        if (_projectIn is null)
        {
            TokenTable.DecodeRows(token, 1, x.Span);
        }
        else
        {
            Memory<float> row = buffers.Current[..Config.EmbeddingWidth];
            TokenTable.DecodeRows(token, 1, row.Span);
            _projectIn.Multiply(row, x);
        }

        ReadOnlySpan<float> place = _positions.Values.Slice((position + OptConfig.PositionOffset) * Config.DModel, Config.DModel);
        System.Numerics.Tensors.TensorPrimitives.Add(x.Span, place, x.Span);
        if (Config.Spiking is not { } spiking)
            return;
        System.Numerics.Tensors.TensorPrimitives.Multiply(x.Span, spiking.InputScale, x.Span);
        for (int step = 1; step < spiking.TimeSteps; step++)
            x.CopyTo(buffers.Stream[(step * Config.DModel)..]);
    }

    /// <summary>From what the last block gives to what the head gets.</summary>
    internal Tensor Readout(Tensor x)
    {
        if (Config.IsSpiking)
            x = Ops.Mean(x, axis: 0);
        x = _finalNorm?.Forward(x) ?? x;
        return _projectOut is null ? x : Ops.Linear(x, _projectOut);
    }

    /// <summary><see cref="Readout"/> of one token, from the buffers' stream, which it uses up.</summary>
    internal void ReadoutOne(OptBuffers buffers)
    {
        Memory<float> x = buffers.Stream[..Config.DModel];
        if (Config.IsSpiking)
            OverTime(buffers.Stream.Span, x.Span);
        _finalNorm?.Run(x.Span, x.Span, buffers.Moments);
        if (_projectOut is null)
            x.CopyTo(buffers.Hidden);
        else
            _projectOut.Multiply(x, buffers.Hidden[..Config.EmbeddingWidth]);
    }

    /// <summary>The mean over the steps, into the first.</summary>
    private void OverTime(ReadOnlySpan<float> steps, Span<float> mean)
    {
        for (int row = Config.DModel; row < steps.Length; row += Config.DModel)
            System.Numerics.Tensors.TensorPrimitives.Add(mean, steps.Slice(row, Config.DModel), mean);
        System.Numerics.Tensors.TensorPrimitives.Multiply(mean, 1f / Config.Spiking!.TimeSteps, mean);
    }
}
