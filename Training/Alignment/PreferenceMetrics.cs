namespace SpikeEngine.Training.Alignment;

/// <summary>
/// The numbers by which one watches an alignment, of a batch or of a held-out set: rewards, beta times what the policy has moved from its
/// reference, their margin, the share that is in order, and log-probabilities of whole completions.
/// </summary>
internal static class PreferenceMetrics
{
    /// <summary>
    /// Of pairs; in order is one whose chosen answer has the larger reward. The divergence is estimated as KTO does, from answers that are not the
    /// policy's own: the mean of what the policy has moved, where that is positive.
    /// </summary>
    public static void AddPairs(Metrics metrics, float[] chosen, float[] rejected, float[] chosenRewards, float[] rejectedRewards, float beta)
    {
        double chosenReward = chosenRewards.Average(), rejectedReward = rejectedRewards.Average();
        metrics.Add("kl", Math.Max(0, (chosenReward + rejectedReward) / (2 * beta)));
        metrics.Add("reward_chosen", chosenReward);
        metrics.Add("reward_rejected", rejectedReward);
        metrics.Add("reward_margin", chosenReward - rejectedReward);
        metrics.Add("reward_accuracy", chosenRewards.Zip(rejectedRewards).Average(pair => pair.First > pair.Second ? 1.0 : 0.0));
        metrics.Add("logp_chosen", chosen.Average());
        metrics.Add("logp_rejected", rejected.Average());
    }

    /// <summary>
    /// Of labelled completions, chosen being the desirable ones; a kind that is not there adds nothing. In order is a completion whose
    /// reward is on its side of the divergence's.
    /// </summary>
    public static void AddLabelled(Metrics metrics, bool[] desirable, float[] scores, float[] rewards, float divergence, float beta)
    {
        int[] chosen = [.. Enumerable.Range(0, desirable.Length).Where(i => desirable[i])];
        int[] rejected = [.. Enumerable.Range(0, desirable.Length).Where(i => !desirable[i])];
        metrics.Add("kl", divergence);
        AddMean("reward_chosen", rewards, chosen);
        AddMean("reward_rejected", rewards, rejected);
        if (chosen.Length > 0 && rejected.Length > 0)
            metrics.Add("reward_margin", chosen.Average(i => (double)rewards[i]) - rejected.Average(i => (double)rewards[i]));
        metrics.Add("reward_accuracy", Enumerable.Range(0, rewards.Length).Average(i =>
            (desirable[i] ? rewards[i] > beta * divergence : rewards[i] < beta * divergence) ? 1.0 : 0.0));
        AddMean("logp_chosen", scores, chosen);
        AddMean("logp_rejected", scores, rejected);

        void AddMean(string name, float[] values, int[] places)
        {
            if (places.Length > 0)
                metrics.Add(name, places.Average(i => (double)values[i]));
        }
    }
}
