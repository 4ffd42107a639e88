using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>
/// A Mamba2 language model; a SpikingMamba one when its configuration has neurons. Parameters are called as in the
/// Hugging Face checkpoints. This form is for training and for whole sequences; <see cref="Mamba2Decoder"/> runs token
/// by token.
/// </summary>
public sealed class Mamba2LanguageModel : Module
{
    /// <summary>Builds the model; its parameters come from the store.</summary>
    /// <param name="config">Sizes; validated here.</param>
    /// <param name="parameters">A new store: random, copied, or over a checkpoint.</param>
    /// <param name="compensation">The neurons' smoothed gradient compensation, in training only; null for none.</param>
    /// <exception cref="ArgumentException">The configuration contradicts itself.</exception>
    public Mamba2LanguageModel(Mamba2Config config, ParameterStore parameters, SmoothedCompensation? compensation = null)
        : base((parameters ?? throw new ArgumentNullException(nameof(parameters))).Root)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        Store = parameters;
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
    public Mamba2Config Config { get; }

    /// <summary>What holds all parameters.</summary>
    public ParameterStore Store { get; }

    /// <summary>The neurons' smoothed gradient compensation, or null; its lambda may change from step to step.</summary>
    public SmoothedCompensation? Compensation { get; }

    /// <summary>backbone.embeddings.weight [V, D].</summary>
    public Parameter Embedding { get; }

    /// <summary>backbone.layers.</summary>
    public IReadOnlyList<Mamba2Block> Blocks { get; }

    /// <summary>backbone.norm_f.</summary>
    public RmsNorm NormF { get; }

    /// <summary>lm_head.weight [V, D]; the embedding itself when tied.</summary>
    public Parameter LmHead { get; }

    /// <summary>
    /// Whether training keeps only what lies between the blocks and runs each block again in the backward pass: a fraction of the
    /// memory for a third more time, with the same bits. Passes with a state or a trace of block outputs keep everything.
    /// </summary>
    public bool CheckpointBlocks { get; set; }

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
        return Logits(Residual(ids, batch, state, trace, padding, starts));
    }

    /// <summary>
    /// The logits of some positions only, sequences from an empty state: of the rest of them, such as those of a prompt, the head, the
    /// largest product of a small model, is spared.
    /// </summary>
    /// <param name="ids">Token ids, sequence after sequence; batch * length of them.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="positions">Positions in <paramref name="ids"/>; they must not change before the backward pass.</param>
    /// <param name="trace">Filled with what happens inside, at all positions, when given.</param>
    /// <returns>[positions, V]</returns>
    /// <exception cref="ArgumentException">The ids do not divide into the batch, or one is outside the vocabulary.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is outside the ids.</exception>
    public Tensor ForwardAt(ReadOnlyMemory<int> ids, int batch, ReadOnlyMemory<int> positions, ForwardTrace? trace = null)
    {
        using var running = Running();
        Tensor residual = Residual(ids, batch, state: null, trace, padding: default, starts: default);
        return Logits(Ops.IndexSelect(residual.Reshape(ids.Length, Config.DModel), positions, axis: 0));
    }

    /// <summary>What the head gets, of all positions: for losses that make logits themselves, a block at a time.</summary>
    /// <param name="ids">Token ids, sequence after sequence.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="trace">Filled with what happens inside, when given.</param>
    /// <param name="starts">As of <see cref="Forward"/>.</param>
    /// <returns>[B, T, D], behind norm_f</returns>
    /// <exception cref="ArgumentException">The ids do not divide into the batch, one is outside the vocabulary, or the starts do not fit.</exception>
    public Tensor Hidden(ReadOnlyMemory<int> ids, int batch, ForwardTrace? trace = null, ReadOnlyMemory<bool> starts = default)
    {
        using var running = Running();
        return NormF.Forward(Residual(ids, batch, state: null, trace, padding: default, starts));
    }

    /// <summary>Mean cross-entropy of the next token, as of <see cref="Forward"/> but without holding the logits of all positions at once.</summary>
    /// <param name="ids">Token ids, sequence after sequence.</param>
    /// <param name="targets">The token after each of them; <see cref="Ops.IgnoredLabel"/> to leave one out.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="trace">Filled with what happens inside, when given.</param>
    /// <param name="starts">
    /// As of <see cref="Forward"/>. No target is left out where documents meet: the end of the text is a document's last token, predicted like
    /// any other, and what it predicts itself is how the next document begins.
    /// </param>
    /// <returns>[1]</returns>
    /// <exception cref="ArgumentException">
    /// The ids do not divide into the batch, one is outside the vocabulary, or there are not as many targets, or starts.
    /// </exception>
    public Tensor Loss(
        ReadOnlyMemory<int> ids, ReadOnlyMemory<int> targets, int batch, ForwardTrace? trace = null, ReadOnlyMemory<bool> starts = default)
    {
        using var running = Running();
        return Ops.LinearCrossEntropy(NormF.Forward(Residual(ids, batch, state: null, trace, padding: default, starts)), LmHead, targets);
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

    private Tensor Residual(
        ReadOnlyMemory<int> ids, int batch, Mamba2State? state, ForwardTrace? trace, ReadOnlySpan<int> padding, ReadOnlyMemory<bool> starts)
    {
        int length = Mamba2State.RequireSequences(ids.Length, batch, state);
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

    private Tensor Logits(Tensor residual) => Ops.Linear(NormF.Forward(residual), LmHead);
}
