namespace SpikeEngine.Training.Runs;

/// <summary>How many steps a run has, now that the data are known.</summary>
internal static class RunSteps
{
    /// <summary>Those that are set, or those that see the tokens or the passes that are set.</summary>
    /// <exception cref="InvalidDataException">The warm-up is as long as the run, or longer.</exception>
    public static long Of(RunSettings config, RunParts parts)
    {
        TrainingSettings training = config.Training;
        double steps = training.Steps
            ?? (training.Tokens is { } tokens ? (double)tokens / parts.Objective.TokensPerBatch : training.Epochs!.Value * parts.BatchesPerEpoch) / training.MicroBatches;
        long whole = (long)Math.Clamp(Math.Ceiling(steps), 1, int.MaxValue);
        if (config.Schedule.WarmupSteps is { } warmup && warmup >= whole)
            throw new InvalidDataException($"'schedule.warmup_steps' is {warmup}, but the run has no more than {whole} steps with these data.");
        return whole;
    }
}
