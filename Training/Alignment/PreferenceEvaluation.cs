using SpikeEngine.Model;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Training.Alignment;

/// <summary>The loss and the numbers of training on held-out preferences, all of them at once.</summary>
public static class PreferenceEvaluation
{
    /// <summary>Adds <c>loss</c> and what <see cref="DpoObjective.Report"/> adds.</summary>
    /// <param name="policy">The model.</param>
    /// <param name="pairs">The held-out data.</param>
    /// <param name="reference">Of the same data's <see cref="PreferencePairs.Continuations"/>.</param>
    /// <param name="options">As in training.</param>
    /// <param name="metrics">Takes the numbers.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The reference is of other data, or an option out of its range.</exception>
    public static void Measure(
        LanguageModel policy, PreferencePairs pairs, ReferenceScores reference, DpoOptions options, Metrics metrics,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metrics);
        (Tensor chosen, Tensor rejected, Tensor referenceChosen, Tensor referenceRejected) =
            Score(policy, pairs.Continuations, reference, cancellation);
        metrics.Add("loss", Ops.Mean(DpoLoss.PerPair(chosen, rejected, referenceChosen, referenceRejected, options)).Item());
        PreferenceMetrics.AddPairs(
            metrics, chosen.ToArray(), rejected.ToArray(),
            ((chosen - referenceChosen) * options.Beta).ToArray(), ((rejected - referenceRejected) * options.Beta).ToArray(), options.Beta);
    }

    /// <summary>Adds <c>loss</c> and what <see cref="KtoObjective.Report"/> adds; the divergence is that of all examples.</summary>
    /// <param name="policy">The model.</param>
    /// <param name="examples">The held-out data.</param>
    /// <param name="reference">Of the same data's <see cref="LabelledCompletions.Continuations"/>.</param>
    /// <param name="options">As in training.</param>
    /// <param name="metrics">Takes the numbers.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The reference is of other data, or an option out of its range.</exception>
    public static void Measure(
        LanguageModel policy, LabelledCompletions examples, ReferenceScores reference, KtoOptions options, Metrics metrics,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metrics);
        (Tensor own, Tensor mismatched, Tensor referenceOwn, Tensor referenceMismatched) =
            Score(policy, examples.Continuations, reference, cancellation);
        float divergence = KtoLoss.Divergence(mismatched.Values, referenceMismatched.Values);
        bool[] desirable = [.. Enumerable.Range(0, examples.Count).Select(examples.IsDesirable)];
        metrics.Add("loss", Ops.Mean(KtoLoss.PerExample(own, referenceOwn, divergence, desirable, options)).Item());
        PreferenceMetrics.AddLabelled(
            metrics, desirable, own.ToArray(), ((own - referenceOwn) * options.Beta).ToArray(), divergence, options.Beta);
    }

    /// <summary>Of the policy, then of the reference: the first and the second completion of each example, [n].</summary>
    private static (Tensor, Tensor, Tensor, Tensor) Score(
        LanguageModel policy, IReadOnlyList<Continuation> continuations, ReferenceScores reference, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reference);
        reference.Require(continuations.Count);
        float[] scores = ContinuationScorer.Score(policy, continuations, cancellation);
        return (Every2nd(0, i => scores[i]), Every2nd(1, i => scores[i]), Every2nd(0, i => reference[i]), Every2nd(1, i => reference[i]));

        Tensor Every2nd(int first, Func<int, float> score)
        {
            Tensor values = new(continuations.Count / 2);
            for (int i = 0; i < values.Count; i++)
                values.Values[i] = score(2 * i + first);
            return values;
        }
    }
}
