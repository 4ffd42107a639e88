namespace SpikeEngine.Training.Alignment;

/// <summary>
/// r = π - ref,  z = max(0, mean(π' - ref')),  L = w_d (1 - σ(beta (r - z))) of a desirable completion and w_u (1 - σ(beta (z - r)))
/// of an undesirable one, where π' and ref' are of completions that belong to other prompts (Ethayarajh et al. 2024, as TRL has it).
/// </summary>
public static class KtoLoss
{
    /// <summary>z, an estimate of the divergence of the policy from the reference: a number, through which no gradient flows.</summary>
    /// <param name="policy">Log-probabilities of the mismatched completions, [n].</param>
    /// <param name="reference">[n]</param>
    /// <exception cref="ArgumentException">Their lengths differ, or there are none.</exception>
    public static float Divergence(ReadOnlySpan<float> policy, ReadOnlySpan<float> reference)
    {
        if (policy.Length != reference.Length || policy.IsEmpty)
            throw new ArgumentException($"There are {policy.Length} log-probabilities of the policy and {reference.Length} of the reference.", nameof(policy));
        double sum = 0;
        for (int i = 0; i < policy.Length; i++)
            sum += (double)policy[i] - reference[i];
        return (float)Math.Max(0.0, sum / policy.Length);
    }

    /// <summary>The loss of each example; its mean is what training minimises. A reference that needs no gradient gets none.</summary>
    /// <param name="policy">Log-probabilities of the completions, [n].</param>
    /// <param name="reference">[n]</param>
    /// <param name="divergence">z, of <see cref="Divergence"/>.</param>
    /// <param name="desirable">Which kind each is, [n].</param>
    /// <param name="options">beta and the weights.</param>
    /// <returns>[n]</returns>
    /// <exception cref="ArgumentException">The shapes differ, or an option is out of its range.</exception>
    public static Tensor PerExample(
        Tensor policy, Tensor reference, float divergence, ReadOnlySpan<bool> desirable, KtoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        LogProbabilityShapes.Require(("policy", policy), ("reference", reference));
        if (desirable.Length != policy.Count)
            throw new ArgumentException($"There are {desirable.Length} labels; policy is {policy.Shape}.", nameof(desirable));

        Tensor factors = new(desirable.Length), weights = new(desirable.Length);
        for (int i = 0; i < desirable.Length; i++)
        {
            factors.Values[i] = desirable[i] ? -options.Beta : options.Beta;
            weights.Values[i] = desirable[i] ? options.DesirableWeight : options.UndesirableWeight;
        }

        // 1 - σ(x) is σ(-x), without the loss of digits where σ(x) is almost 1.
        return Ops.Sigmoid((policy - reference - divergence) * factors) * weights;
    }
}
