using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>Mean <see cref="DpoLoss"/> of the pairs of a batch; chosen and rejected answers run through the policy together.</summary>
public sealed class DpoObjective : PreferenceObjective
{
    private readonly PreferencePairs _pairs;
    private readonly DpoOptions _options;
    private readonly float[] _chosen;       // log-probabilities of the last batch, [batch]
    private readonly float[] _rejected;
    private readonly float[] _chosenRewards;
    private readonly float[] _rejectedRewards;

    /// <summary>Trains a policy to prefer the chosen answers.</summary>
    /// <param name="policy">Starts as the reference was; dense or spiking.</param>
    /// <param name="pairs">The data.</param>
    /// <param name="reference">Of the same data's <see cref="PreferencePairs.Continuations"/>.</param>
    /// <param name="options">beta and label smoothing.</param>
    /// <param name="batchSize">Pairs in a micro-batch.</param>
    /// <param name="seed">Of the order of the pairs.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or data, reference and model do not belong together.</exception>
    public DpoObjective(
        LanguageModel policy, PreferencePairs pairs, ReferenceScores reference, DpoOptions options, int batchSize, ulong seed)
        : base(policy, (pairs ?? throw new ArgumentNullException(nameof(pairs))).Continuations, reference, pairs.Count, batchSize, seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _pairs = pairs;
        _options = options;
        _chosen = new float[batchSize];
        _rejected = new float[batchSize];
        _chosenRewards = new float[batchSize];
        _rejectedRewards = new float[batchSize];
    }

    private protected override string LossAtReference => "ln 2 = 0.6931";

    /// <inheritdoc/>
    public override Tensor Loss()
    {
        List<Continuation> answers = [];
        foreach (int pair in Batch)
            answers.Add(_pairs.Chosen(pair));
        foreach (int pair in Batch)
            answers.Add(_pairs.Rejected(pair));
        Tensor both = Score(answers);
        Tensor chosen = Ops.Slice(both, 0, 0, Batch.Length), rejected = Ops.Slice(both, 0, Batch.Length);
        Tensor referenceChosen = Reference(0), referenceRejected = Reference(1);

        float[] margins = new float[Batch.Length];
        for (int i = 0; i < margins.Length; i++)
        {
            _chosen[i] = chosen.Values[i];
            _rejected[i] = rejected.Values[i];
            _chosenRewards[i] = _options.Beta * (chosen.Values[i] - referenceChosen.Values[i]);
            _rejectedRewards[i] = _options.Beta * (rejected.Values[i] - referenceRejected.Values[i]);
            margins[i] = _chosenRewards[i] - _rejectedRewards[i];
        }

        Watch(margins);
        return Ops.Mean(DpoLoss.PerPair(chosen, rejected, referenceChosen, referenceRejected, _options));
    }

    /// <summary>Rewards (beta times what the policy has moved), their margin, how many pairs are in order, and log-probabilities.</summary>
    /// <param name="metrics">Takes them.</param>
    public override void Report(Metrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        base.Report(metrics);
        PreferenceMetrics.AddPairs(metrics, _chosen, _rejected, _chosenRewards, _rejectedRewards, _options.Beta);
    }
}
