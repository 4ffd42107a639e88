using SpikeEngine.Model;
using SpikeEngine.Model.Spiking;
using SpikeEngine.Training.Checkpoints;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// What DPO and KTO have in common: a policy, reference scores, examples drawn in random order, and a warning when nothing moves. The
/// embedding of a spiking policy, and with it a tied head, is frozen, as in its distillation.
/// </summary>
public abstract class PreferenceObjective : Objective
{
    /// <summary>Batches without movement after which <see cref="Warning"/> speaks.</summary>
    public const int StillBatches = 100;

    // Rewards this small have changed the loss by less than its third digit.
    private const double StillReward = 1e-3;

    private readonly ReferenceScores _reference;
    private readonly ShuffledOrder _order;
    private readonly int[] _batch;
    private long _still;
    private bool _drawn;
    private SpikeStatistics? _spikes;

    private protected PreferenceObjective(
        LanguageModel policy, IReadOnlyList<Continuation> continuations, ReferenceScores reference, int examples, int batchSize, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        reference.Require(continuations.Count);
        int largest = continuations.Max(c => Math.Max(c.Context.Max(), c.Tokens.Max()));
        if (largest >= policy.Config.VocabSize)
            throw new ArgumentException($"The data has token {largest}, the model a vocabulary of {policy.Config.VocabSize}: the tokenizer is not the model's.", nameof(policy));

        Policy = policy;
        _reference = reference;
        _order = new ShuffledOrder(examples, seed);
        _batch = new int[batchSize];
        TokensPerBatch = (int)Math.Round(continuations.Average(c => (double)ContinuationBatch.Length(c)) * batchSize * continuations.Count / examples);
        if (policy.Config.IsSpiking)
            policy.Embedding.Trainable = false;
    }

    /// <inheritdoc/>
    public override ParameterStore Parameters => Policy.Store;

    /// <summary>Tokens that run through the policy for a micro-batch, on average: batches differ.</summary>
    public override int TokensPerBatch { get; }

    /// <summary>
    /// What to tell the user when, for the last <see cref="StillBatches"/> batches, the loss has not left the value that it has while policy
    /// and reference agree; null as long as things move.
    /// </summary>
    public string? Warning => _still < StillBatches ? null
        : FormattableString.Invariant($"For {_still} batches the loss has been {LossAtReference}, that of a policy that has not left its reference. ")
            + "Is the learning rate too small, are the weights frozen, or are the answers of a pair the same?";

    /// <summary>The model that is trained.</summary>
    private protected LanguageModel Policy { get; }

    /// <summary>The loss while policy and reference agree, for people.</summary>
    private protected abstract string LossAtReference { get; }

    /// <summary>Numbers of the examples of the micro-batch.</summary>
    private protected ReadOnlySpan<int> Batch => _drawn ? _batch : throw new InvalidOperationException("Next runs before Loss.");

    /// <inheritdoc/>
    public override void Next()
    {
        for (int i = 0; i < _batch.Length; i++)
            _batch[i] = _order.Next();
        _drawn = true;
    }

    /// <summary>The spike rate of a spiking policy, over all positions, padding included.</summary>
    /// <param name="metrics">Takes it.</param>
    public override void Report(Metrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        if (_spikes is not null)
            metrics.Add(MetricNames.SpikeRate, _spikes.Total.Density);
    }

    /// <inheritdoc/>
    public override void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Same("preferences_and_reference", _reference.Key);
        _order.Visit(state);
        state.Number("still", ref _still);
    }

    /// <summary>Log-probabilities by the policy, recorded on the open tape; a spiking policy's spikes are counted.</summary>
    private protected Tensor Score(IReadOnlyList<Continuation> completions)
    {
        _spikes = Policy.Config.NewStatistics();
        ForwardTrace? trace = _spikes is null ? null : new ForwardTrace { Spikes = _spikes, KeepsBlockOutputs = false };
        return new ContinuationBatch(completions).LogProbabilities(Policy, trace);
    }

    /// <summary>Reference scores of one completion for each example, [batch]: its number is twice that of the example, plus the offset.</summary>
    private protected Tensor Reference(int offset)
    {
        Tensor scores = new(_batch.Length);
        for (int i = 0; i < _batch.Length; i++)
            scores.Values[i] = _reference[2 * _batch[i] + offset];
        return scores;
    }

    /// <summary>Counts a batch for <see cref="Warning"/>.</summary>
    /// <param name="rewards">Those of the batch, or the margins of its pairs.</param>
    private protected void Watch(ReadOnlySpan<float> rewards)
    {
        bool moves = false;
        foreach (float reward in rewards)
            moves |= !(Math.Abs(reward) < StillReward);
        _still = moves ? 0 : _still + 1;
    }
}
