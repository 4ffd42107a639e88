using SpikeEngine.Model;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training;

/// <summary>Mean cross-entropy of the next token.</summary>
public sealed class LanguageModelObjective(Mamba2LanguageModel model) : Objective
{
    /// <inheritdoc/>
    public override ParameterStore Parameters => model.Store;

    /// <inheritdoc/>
    public override Tensor Loss(TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Ops.CrossEntropy(model.Forward(batch.Inputs, batch.BatchSize), batch.Targets);
    }
}
