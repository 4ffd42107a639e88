namespace SpikeEngine.Training.Runs;

/// <summary>Optimiser, schedule and options of the trainer out of a configuration.</summary>
internal static class RunOptimizer
{
    public static Optimizer Create(RunConfig config, ParameterStore parameters)
    {
        OptimizerSettings o = config.Optimizer;
        return new AdamW(parameters, new AdamWOptions(o.Betas.First, o.Betas.Second, (float)o.Eps, (float)o.WeightDecay));
    }

    public static WeightAverage? Average(RunConfig config, ParameterStore parameters) => config.Training.Ema is { } decay ? new WeightAverage(parameters, decay) : null;

    public static TrainerOptions Options(RunConfig config, long steps) => new()
    {
        Steps = steps,
        LearningRate = (float)config.Optimizer.LearningRate,
        MicroBatches = config.Training.MicroBatches,
        ClipNorm = (float)config.Training.ClipNorm,
        WarmupShare = (double)config.Schedule.Warmup((int)steps) / steps,
        FinalRateShare = config.Schedule.FinalShare,
        MostSkippedInARow = config.Training.MaxSkippedInARow,
        CheckpointSteps = config.Training.CheckpointEvery ?? 0,
        ValidationSteps = config.Training.EvaluateEvery ?? steps,
    };
}
