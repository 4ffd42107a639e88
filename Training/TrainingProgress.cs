namespace SpikeEngine.Training;

/// <summary>Where a training run stands after a step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps planned.</param>
/// <param name="Loss">Loss of the last step, the mean over its micro-batches.</param>
/// <param name="SmoothedLoss">Its running mean, in which the last twenty or so steps weigh most.</param>
/// <param name="LearningRate">Rate of the last step.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="TokensPerSecond">Tokens of the recent steps over their time.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="SkippedSteps">Steps so far that changed nothing because their loss or gradient was not finite.</param>
/// <param name="Elapsed">Time of training so far, over all processes that had a part in it.</param>
/// <param name="Remaining">Time left at that speed.</param>
/// <param name="Metrics">What the objective adds, such as <c>spike_rate</c>.</param>
public sealed record TrainingProgress(
    long Step,
    long TotalSteps,
    double Loss,
    double SmoothedLoss,
    double LearningRate,
    double GradientNorm,
    double TokensPerSecond,
    long Tokens,
    long SkippedSteps,
    TimeSpan Elapsed,
    TimeSpan Remaining,
    IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>What is counted as tokens, for people.</summary>
    public string Unit { get; init; } = "tokens";
}
