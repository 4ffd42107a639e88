namespace SpikeEngine.Training.Alignment;

/// <summary>Kahneman-Tversky optimisation: how far from the reference, and how much gains and losses count.</summary>
public sealed record KtoOptions
{
    /// <summary>How dear it is to leave the reference: rewards are beta times a difference of log-probabilities.</summary>
    public float Beta { get; init; } = 0.1f;

    /// <summary>
    /// Weight of desirable completions. With n of one kind and m of the other, weights for which the products of number and
    /// weight are equal up to a third suit best (the paper's rule).
    /// </summary>
    public float DesirableWeight { get; init; } = 1f;

    /// <summary>Weight of undesirable completions.</summary>
    public float UndesirableWeight { get; init; } = 1f;

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first field out of its range.</summary>
    public void Validate()
    {
        AlignmentRange.RequirePositive(Beta, nameof(Beta));
        AlignmentRange.RequirePositive(DesirableWeight, nameof(DesirableWeight));
        AlignmentRange.RequirePositive(UndesirableWeight, nameof(UndesirableWeight));
    }
}
