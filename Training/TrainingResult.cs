namespace SpikeEngine.Training;

/// <summary>How a training run ended.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="FinalLoss">Smoothed loss at the end; not a number when every step was skipped.</param>
/// <param name="Elapsed">Time of training, over all processes that had a part in it.</param>
/// <param name="SkippedSteps">Steps whose loss or gradient was not finite, which changed nothing.</param>
/// <param name="Interrupted">Whether it was stopped before its last step, or before the validation after it; with checkpoints it can be resumed from there.</param>
public sealed record TrainingResult(long Steps, long Tokens, double FinalLoss, TimeSpan Elapsed, long SkippedSteps, bool Interrupted = false)
{
    /// <summary>Mean speed.</summary>
    public double TokensPerSecond => Tokens / Elapsed.TotalSeconds;
}
