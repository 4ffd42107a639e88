using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>
/// A Mamba2 language model; a SpikingMamba one when its configuration has neurons. Parameters are called as in the
/// Hugging Face checkpoints. This form is for training and for whole sequences; <see cref="Mamba2Decoder"/> runs token
/// by token.
/// </summary>
public sealed class Mamba2LanguageModel : LanguageModel
{
    /// <summary>Builds the model; its parameters come from the store.</summary>
    /// <param name="config">Sizes; validated here.</param>
    /// <param name="parameters">A new store: random, copied, or over a checkpoint.</param>
    /// <param name="compensation">The neurons' smoothed gradient compensation, in training only; null for none.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself.</exception>
    public Mamba2LanguageModel(Mamba2Config config, ParameterStore parameters, SmoothedCompensation? compensation = null)
        : base(parameters)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        Compensation = config.Spiking is null ? null : compensation;

        ParameterScope backbone = parameters.Root / "backbone";
        Embedding = (backbone / "embeddings").Get("weight", [config.VocabSize, config.DModel], ModelTensors.InitialEmbedding, decays: true);
        Blocks = [.. Enumerable.Range(0, config.LayerCount)
            .Select(layer => new Mamba2Block(backbone / "layers" / layer, config, layer, compensation))];
        NormF = new RmsNorm(backbone / "norm_f", config.DModel, config.NormEpsilon);
        LmHead = config.TieEmbeddings
            ? Embedding
            : (parameters.Root / "lm_head").Get("weight", [config.VocabSize, config.DModel], ModelTensors.InitialEmbedding, decays: true);
    }

    /// <summary>Sizes and switches.</summary>
    public override Mamba2Config Config { get; }

    /// <summary>The neurons' smoothed gradient compensation, or null; its lambda may change from step to step.</summary>
    public SmoothedCompensation? Compensation { get; }

    /// <summary>backbone.embeddings.weight [V, D].</summary>
    public override Parameter Embedding { get; }

    /// <summary>backbone.layers.</summary>
    public IReadOnlyList<Mamba2Block> Blocks { get; }

    /// <summary>backbone.norm_f.</summary>
    public RmsNorm NormF { get; }

    /// <summary>lm_head.weight [V, D]; the embedding itself when tied.</summary>
    public override Parameter LmHead { get; }

    /// <summary>Logits of the next token at every position.</summary>
    /// <param name="ids">Token ids, sequence after sequence; batch * length of them.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="state">Where the sequences continue from, and where they end; null starts at zero and forgets.</param>
    /// <param name="trace">Filled with what happens inside, when given.</param>
    /// <param name="padding">Padding tokens in front of each sequence, any ids; their logits mean nothing. Empty for none.</param>
    /// <param name="starts">
    /// [B * T]: true where a token begins a document, which then sees nothing of those before it; empty for nowhere. Like the ids it
    /// must stay as it is until the backward pass is done. Not together with a state or padding.
    /// </param>
    /// <returns>[B, T, V]</returns>
    /// <exception cref="ArgumentException">
    /// The ids do not divide into the batch, one is outside the vocabulary, the padding is impossible or not at the beginning of the texts,
    /// or the starts do not fit the ids or the other arguments.
    /// </exception>
    public Tensor Forward(
        ReadOnlyMemory<int> ids, int batch, Mamba2State? state = null, ForwardTrace? trace = null, ReadOnlySpan<int> padding = default,
        ReadOnlyMemory<bool> starts = default)
    {
        using var running = Running();
        return Ops.Linear(NormF.Forward(Residual(ids, batch, state, trace, padding, starts)), LmHead);
    }

    /// <summary>
    /// A student with this model's weights: the same parameters, neurons in front of both projections, and the
    /// embedding (so a tied head as well) frozen, as SpikingMamba distils it.
    /// </summary>
    /// <param name="spiking">The neurons.</param>
    /// <param name="compensation">Smoothed gradient compensation, in training only; null for none.</param>
    public Mamba2LanguageModel ToSpikingStudent(SpikingConfig spiking, SmoothedCompensation? compensation = null)
    {
        // What a dense model has not, such as thresholds, starts as it does in a new one.
        ParameterStore parameters = new((path, shape, initializer, values) =>
        {
            if (Store.Contains(path))
                Store[path].Values.CopyTo(values);
            else
                initializer(values, new SeededRandom(0, path));
        });
        Mamba2LanguageModel student = new(Config with { Spiking = spiking }, parameters, compensation);
        student.Embedding.Trainable = false;
        return student;
    }

    /// <inheritdoc/>
    public override Mamba2Decoder ToDecoder(DecoderOptions? options = null) => new(this, options);

    private protected override Tensor Residual(ReadOnlyMemory<int> ids, int batch, ForwardTrace? trace, ReadOnlyMemory<bool> starts) =>
        Residual(ids, batch, state: null, trace, padding: default, starts);

    private protected override Tensor FinalNorm(Tensor residual) => NormF.Forward(residual);

    private Tensor Residual(
        ReadOnlyMemory<int> ids, int batch, Mamba2State? state, ForwardTrace? trace, ReadOnlySpan<int> padding, ReadOnlyMemory<bool> starts)
    {
        int length = DecoderState.RequireSequences(ids.Length, batch, state);
        Tensor? mask = LeftPadding.Mask(padding, batch, length, state);
        PassContext context = new(state, trace, mask, DocumentStarts.Require(starts, ids.Length, state, mask));
        Tensor residual = Ops.Embedding(Embedding, ids, batch, length);
        bool checkpoints = CheckpointBlocks && state is null && trace is not { KeepsTensors: true };
        foreach (Mamba2Block block in Blocks)
        {
            residual = checkpoints ? Ops.Checkpoint(x => block.Forward(x, context), residual) : Run(block, residual, context);
            if (trace is { KeepsResiduals: true })
                trace.Residuals.Add(residual);
        }

        state?.Advance(length);
        return residual;
    }

    /// <summary>Inference gives a block's memory back as soon as it is done: of a teacher's pass only what is asked for stays in the step.</summary>
    private static Tensor Run(Mamba2Block block, Tensor residual, PassContext context)
    {
        if (Tape.IsRecording || Workspace.Current is null || context.State is not null)
            return block.Forward(residual, context);

        Tensor y = Tensor.Like(residual);
        Tensor? output = context.Trace is { KeepsBlockOutputs: true } ? Tensor.Like(residual) : null;
        using (Workspace.OpenRegion())
        {
            block.Forward(residual, context).Values.CopyTo(y.Values);
            if (output is not null)
            {
                context.Trace!.BlockOutputs[^1].Values.CopyTo(output.Values);
                context.Trace.BlockOutputs[^1] = output;
            }
        }

        return y;
    }
}
