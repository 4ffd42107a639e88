using SpikeEngine.Model;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training;

/// <summary>Mean cross-entropy of the next token.</summary>
/// <param name="model">The model to train.</param>
/// <param name="batches">What it reads.</param>
public sealed class LanguageModelObjective(Mamba2LanguageModel model, TokenBatches batches) : Objective
{
    private TokenBatch? _batch;

    /// <inheritdoc/>
    public override ParameterStore Parameters => model.Store;

    /// <inheritdoc/>
    public override int TokensPerBatch => batches.TokensPerBatch;

    /// <inheritdoc/>
    public override void Next() => _batch = batches.Next();

    /// <inheritdoc/>
    public override Tensor Loss()
    {
        TokenBatch batch = _batch ?? throw new InvalidOperationException("Next runs before Loss.");
        return Ops.CrossEntropy(model.Forward(batch.Inputs, batch.BatchSize), batch.Targets);
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state) => batches.Visit(state);
}
