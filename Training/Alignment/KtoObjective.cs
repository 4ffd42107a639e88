using System.Globalization;
using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>
/// Mean <see cref="KtoLoss"/> of the examples of a batch, of any size and mixture. The divergence is estimated anew for each
/// micro-batch, from the mismatched completions of its examples (see <see cref="LabelledCompletions"/>).
/// </summary>
public sealed class KtoObjective : PreferenceObjective
{
    private readonly LabelledCompletions _examples;
    private readonly KtoOptions _options;
    private readonly bool[] _desirable;     // of the last batch, [batch]
    private readonly float[] _scores;
    private readonly float[] _rewards;
    private float _divergence;

    /// <summary>Trains a policy towards desirable completions and away from undesirable ones.</summary>
    /// <param name="policy">Starts as the reference was; dense or spiking.</param>
    /// <param name="examples">The data.</param>
    /// <param name="reference">Of the same data's <see cref="LabelledCompletions.Continuations"/>.</param>
    /// <param name="options">beta and weights.</param>
    /// <param name="batchSize">Examples in a micro-batch; 1 will do, but its divergence is that of a single completion.</param>
    /// <param name="seed">Of the order of the examples.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or data, reference and model do not belong together.</exception>
    public KtoObjective(
        LanguageModel policy, LabelledCompletions examples, ReferenceScores reference, KtoOptions options, int batchSize, ulong seed)
        : base(policy, (examples ?? throw new ArgumentNullException(nameof(examples))).Continuations, reference, examples.Count, batchSize, seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _examples = examples;
        _options = options;
        _desirable = new bool[batchSize];
        _scores = new float[batchSize];
        _rewards = new float[batchSize];
    }

    private protected override string LossAtReference => string.Create(
        CultureInfo.InvariantCulture,
        $"{0.5f * _options.DesirableWeight} for desirable and {0.5f * _options.UndesirableWeight} for undesirable completions");

    /// <inheritdoc/>
    public override void Next()
    {
        base.Next();
        Tensor mismatched = LogProbabilities(_examples.Mismatched);
        _divergence = KtoLoss.Divergence(mismatched.Values, Reference(1).Values);
    }

    /// <inheritdoc/>
    public override Tensor Loss()
    {
        Tensor policy = LogProbabilities(_examples.Own), reference = Reference(0);
        for (int i = 0; i < _rewards.Length; i++)
        {
            _desirable[i] = _examples.IsDesirable(Batch[i]);
            _scores[i] = policy.Values[i];
            _rewards[i] = _options.Beta * (policy.Values[i] - reference.Values[i]);
        }

        Watch(_rewards);
        return Ops.Mean(KtoLoss.PerExample(policy, reference, _divergence, _desirable, _options));
    }

    /// <summary>
    /// The divergence; of each kind that the batch has, rewards (beta times what the policy has moved) and log-probabilities; their margin
    /// if it has both; and how many examples are on their side of the divergence.
    /// </summary>
    /// <param name="metrics">Takes them.</param>
    public override void Report(Metrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        base.Report(metrics);
        PreferenceMetrics.AddLabelled(metrics, _desirable, _scores, _rewards, _divergence, _options.Beta);
    }

    private Tensor LogProbabilities(Func<int, Continuation> completion)
    {
        List<Continuation> completions = [];
        foreach (int example in Batch)
            completions.Add(completion(example));
        return Score(completions);
    }
}
