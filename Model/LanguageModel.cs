using SpikeEngine.Model.Spiking;

namespace SpikeEngine.Model;

/// <summary>
/// A language model for training and for whole sequences: what training, evaluation and files need to know of any kind of it. A
/// <see cref="LanguageDecoder"/> runs token by token.
/// </summary>
public abstract class LanguageModel : Module
{
    /// <summary>The scope of parameters that belong to a way of training and not to the model.</summary>
    internal const string TrainingOnly = "training";

    private protected LanguageModel(ParameterStore parameters)
        : base((parameters ?? throw new ArgumentNullException(nameof(parameters))).Root)
    {
        Store = parameters;
    }

    /// <summary>Sizes and switches.</summary>
    public abstract LanguageModelConfig Config { get; }

    /// <summary>What holds all parameters.</summary>
    public ParameterStore Store { get; }

    /// <summary>The table of token embeddings [V, D].</summary>
    public abstract Parameter Embedding { get; }

    /// <summary>The head [V, D]; the embedding itself when tied.</summary>
    public abstract Parameter LmHead { get; }

    /// <summary>
    /// Whether training keeps only what lies between the blocks and runs each block again in the backward pass: a fraction of the
    /// memory for a third more time, with the same bits. Passes with a state or a trace of block outputs keep everything.
    /// </summary>
    public bool CheckpointBlocks { get; set; }

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
        Tensor residual = Residual(ids, batch, trace, starts: default);
        return Ops.Linear(FinalNorm(Ops.IndexSelect(residual.Reshape(ids.Length, Config.DModel), positions, axis: 0)), LmHead);
    }

    /// <summary>What the head gets, of all positions: for losses that make logits themselves, a block at a time.</summary>
    /// <param name="ids">Token ids, sequence after sequence.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="trace">Filled with what happens inside, when given.</param>
    /// <param name="starts">
    /// [B * T]: true where a token begins a document, which then sees nothing of those before it; empty for nowhere. Like the ids it
    /// must stay as it is until the backward pass is done.
    /// </param>
    /// <returns>[B, T, D], behind the last norm</returns>
    /// <exception cref="ArgumentException">The ids do not divide into the batch, one is outside the vocabulary, or the starts do not fit.</exception>
    public Tensor Hidden(ReadOnlyMemory<int> ids, int batch, ForwardTrace? trace = null, ReadOnlyMemory<bool> starts = default)
    {
        using var running = Running();
        return FinalNorm(Residual(ids, batch, trace, starts));
    }

    /// <summary>Mean cross-entropy of the next token, without holding the logits of all positions at once.</summary>
    /// <param name="ids">Token ids, sequence after sequence.</param>
    /// <param name="targets">The token after each of them; <see cref="Ops.IgnoredLabel"/> to leave one out.</param>
    /// <param name="batch">Number of sequences.</param>
    /// <param name="trace">Filled with what happens inside, when given.</param>
    /// <param name="starts">
    /// As of <see cref="Hidden"/>. No target is left out where documents meet: the end of the text is a document's last token, predicted like
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
        return Ops.LinearCrossEntropy(FinalNorm(Residual(ids, batch, trace, starts)), LmHead, targets);
    }

    /// <summary>The same model prepared for running; its weights are copied.</summary>
    /// <param name="options">How to keep them; null for as they are.</param>
    public abstract LanguageDecoder ToDecoder(DecoderOptions? options = null);

    /// <summary>What comes out of the last block, sequences from an empty state.</summary>
    /// <returns>[B, T, D]</returns>
    private protected abstract Tensor Residual(ReadOnlyMemory<int> ids, int batch, ForwardTrace? trace, ReadOnlyMemory<bool> starts);

    /// <summary>The norm in front of the head, over the last axis.</summary>
    private protected abstract Tensor FinalNorm(Tensor residual);

    /// <summary>Whether a parameter serves training only, and is left out of a finished model.</summary>
    internal static bool IsTrainingOnly(string path) => path.StartsWith(TrainingOnly + ".", StringComparison.Ordinal) || SpikingInput.IsTrainingOnly(path);
}
