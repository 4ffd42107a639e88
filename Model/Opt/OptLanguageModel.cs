namespace SpikeEngine.Model.Opt;

/// <summary>
/// An OPT-style transformer, or BiSpikCLM's spiking one when its configuration has neurons. Parameters are called as in the Hugging Face checkpoints. This form
/// is for training and for whole sequences; <see cref="OptDecoder"/> runs token by token.
/// </summary>
public sealed class OptLanguageModel : LanguageModel
{
    private readonly IOptBlock[] _blocks;
    private readonly Parameter _positions;
    private readonly Linear? _projectIn, _projectOut;
    private readonly LayerNorm? _finalNorm;

    /// <summary>Builds the model; its parameters come from the store.</summary>
    /// <param name="config">Sizes; validated here.</param>
    /// <param name="parameters">A new store: random, copied, or over a checkpoint.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself.</exception>
    public OptLanguageModel(OptConfig config, ParameterStore parameters)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        ParameterScope decoder = parameters.Root / "model" / "decoder";
        Embedding = (decoder / "embed_tokens").Get("weight", [config.VocabSize, config.EmbeddingWidth], ModelTensors.InitialEmbedding, decays: true);
        _positions = (decoder / "embed_positions").Get("weight", [config.MaxPositions + OptConfig.PositionOffset, config.DModel], ModelTensors.InitialEmbedding, decays: true);
        if (config.ProjectsEmbedding)
        {
            _projectIn = new Linear(decoder / "project_in", config.EmbeddingWidth, config.DModel, hasBias: false);
            _projectOut = new Linear(decoder / "project_out", config.DModel, config.EmbeddingWidth, hasBias: false);
        }

        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block(decoder / "layers" / layer, layer))];
        _finalNorm = config.NormBefore ? new LayerNorm(decoder / "final_layer_norm", config.DModel, config.NormEpsilon) : null;
        LmHead = config.TieEmbeddings
            ? Embedding
            : (parameters.Root / "lm_head").Get("weight", [config.VocabSize, config.EmbeddingWidth], ModelTensors.InitialEmbedding, decays: true);
    }

    /// <inheritdoc/>
    public override OptConfig Config { get; }

    /// <inheritdoc/>
    public override Parameter Embedding { get; }

    /// <inheritdoc/>
    public override Parameter LmHead { get; }

    /// <inheritdoc/>
    public override OptDecoder ToDecoder(DecoderOptions? options = null) => new(this, options);

    /// <summary>Logits of the next token at every position.</summary>
    /// <param name="ids">Token ids, sequence after sequence; batch * length of them.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="trace">Filled with what happens inside, when given.</param>
    /// <returns>[B, T, V]</returns>
    /// <exception cref="ArgumentException">The ids do not divide into the batch, one is outside the vocabulary, or a sequence is too long.</exception>
    public Tensor Forward(ReadOnlyMemory<int> ids, int batch, ForwardTrace? trace = null) => Ops.Linear(Hidden(ids, batch, trace), LmHead);

    private protected override Tensor Residual(ReadOnlyMemory<int> ids, int batch, ForwardTrace? trace, ReadOnlyMemory<bool> starts)
    {
        int length = DecoderState.RequireSequences(ids.Length, batch, state: null);
        OptPositions.Require(Config, length);
        OptPass pass = new(trace, DocumentStarts.Require(starts, ids.Length, state: null, mask: null));
        Tensor x = Embed(ids, batch, length, pass);
        if (trace is { KeepsEmbedding: true })
            trace.Embedding = x;
        if (Config.Spiking is { } spiking)
            x = Ops.Expand(Ops.Scale(x, spiking.InputScale).Reshape(1, batch, length, Config.DModel), spiking.TimeSteps, batch, length, Config.DModel);
        bool checkpoints = CheckpointBlocks && trace is not { KeepsTensors: true };
        foreach (IOptBlock block in _blocks)
        {
            x = checkpoints ? Ops.Checkpoint(y => block.Forward(y, pass), x) : Run(block, x, pass);
            if (trace is { KeepsResiduals: true })
                trace.Residuals.Add(OverTime(x));
        }

        return OverTime(x);
    }

    private protected override Tensor FinalNorm(Tensor residual)
    {
        Tensor x = _finalNorm?.Forward(residual) ?? residual;
        return _projectOut?.Forward(x) ?? x;
    }

    private IOptBlock Block(ParameterScope scope, int layer) => Config.IsSpiking ? new SpikingBlock(scope, Config, layer) : new OptBlock(scope, Config);

    private Tensor Embed(ReadOnlyMemory<int> ids, int batch, int length, OptPass pass)
    {
        Tensor tokens = Ops.Embedding(Embedding, ids, batch, length);
        return Ops.Add(_projectIn?.Forward(tokens) ?? tokens, Ops.Embedding(_positions, OptPositions.Of(batch, length, pass.Starts.Span), batch, length));
    }

    /// <summary>The mean over a spiking model's steps.</summary>
    private Tensor OverTime(Tensor x) => Config.IsSpiking ? Ops.Mean(x, axis: 0) : x;

    /// <summary>Inference gives a block's memory back as soon as it is done, unless something of its inside is to be kept.</summary>
    private static Tensor Run(IOptBlock block, Tensor x, OptPass pass)
    {
        if (Tape.IsRecording || Workspace.Current is null || pass.Trace is { KeepsAttentionMaps: true })
            return block.Forward(x, pass);
        Tensor y = Tensor.Like(x);
        using (Workspace.OpenRegion())
            block.Forward(x, pass).Values.CopyTo(y.Values);
        return y;
    }
}
