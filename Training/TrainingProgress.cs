namespace SpikeEngine.Training;

/// <summary>Where a training run stands.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps planned.</param>
/// <param name="Loss">Loss of the last step.</param>
/// <param name="SmoothedLoss">Its running mean, in which the last twenty or so steps weigh most.</param>
/// <param name="LearningRate">Rate of the last step.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="TokensPerSecond">Tokens of the recent steps over their time.</param>
/// <param name="Remaining">Time left at that speed.</param>
public sealed record TrainingProgress(
    int Step, int TotalSteps, double Loss, double SmoothedLoss, double LearningRate, double GradientNorm, double TokensPerSecond, TimeSpan Remaining);

/// <summary>How a training run ended.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="FinalLoss">Smoothed loss at the end.</param>
/// <param name="Elapsed">Wall-clock time.</param>
/// <param name="SkippedSteps">Steps whose loss or gradient was not finite, which changed nothing.</param>
public sealed record TrainingResult(int Steps, long Tokens, double FinalLoss, TimeSpan Elapsed, int SkippedSteps)
{
    /// <summary>Mean speed.</summary>
    public double TokensPerSecond => Tokens / Elapsed.TotalSeconds;
}
