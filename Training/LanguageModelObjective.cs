using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Data;

namespace SpikeEngine.Training;

/// <summary>Mean cross-entropy of the next token.</summary>
/// <param name="model">The model to train.</param>
/// <param name="batches">What it reads.</param>
public sealed class LanguageModelObjective(LanguageModel model, TokenBatches batches) : Objective
{
    private TokenBatch? _batch;
    private SpikeStatistics? _spikes;

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
        _spikes = model.Config.NewStatistics();
        ForwardTrace? trace = _spikes is null ? null : new ForwardTrace { Spikes = _spikes, KeepsBlockOutputs = false };
        return model.Loss(batch.Inputs, batch.Targets, batch.BatchSize, trace, batch.Starts);
    }

    /// <inheritdoc/>
    public override void Report(Metrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        if (_spikes is not null)
            metrics.Add(MetricNames.SpikeRate, _spikes.Total.Density);
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state) => batches.Visit(state);
}
