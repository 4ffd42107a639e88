namespace SpikeEngine.Training.Alignment;

/// <summary>
/// d = (π_chosen - ref_chosen) - (π_rejected - ref_rejected),  L = -(1 - ε) ln σ(beta d) - ε ln σ(-beta d), where all four are
/// log-probabilities of whole completions (Rafailov et al. 2023; with ε the conservative form).
/// </summary>
public static class DpoLoss
{
    /// <summary>What every pair costs until the policy leaves the reference, for any beta and smoothing: ln 2.</summary>
    public const float AtReference = 0.6931472f;

    /// <summary>The loss of each pair; its mean is what training minimises. References that need no gradient get none.</summary>
    /// <param name="policyChosen">[n]</param>
    /// <param name="policyRejected">[n]</param>
    /// <param name="referenceChosen">[n]</param>
    /// <param name="referenceRejected">[n]</param>
    /// <param name="options">beta and ε.</param>
    /// <returns>[n]</returns>
    /// <exception cref="ArgumentException">The shapes differ, or an option is out of its range.</exception>
    public static Tensor PerPair(
        Tensor policyChosen, Tensor policyRejected, Tensor referenceChosen, Tensor referenceRejected, DpoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        LogProbabilityShapes.Require(
            ("policyChosen", policyChosen), ("policyRejected", policyRejected),
            ("referenceChosen", referenceChosen), ("referenceRejected", referenceRejected));

        // The large numbers go first: what is left of them is exact to more digits than they are.
        Tensor delta = (policyChosen - referenceChosen) - (policyRejected - referenceRejected);
        Tensor losses = Ops.LogSigmoid(delta * options.Beta) * (options.LabelSmoothing - 1f);
        return options.LabelSmoothing == 0f ? losses : losses - Ops.LogSigmoid(delta * -options.Beta) * options.LabelSmoothing;
    }
}
