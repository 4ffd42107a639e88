namespace SpikeEngine.Training.Runs;

/// <summary>Optimiser, schedule and options of the trainer out of a configuration.</summary>
internal static class RunOptimizer
{
    /// <exception cref="InvalidDataException">A group's pattern matches no parameter.</exception>
    public static Optimizer Create(RunSettings config, ParameterStore parameters)
    {
        OptimizerSettings o = config.Optimizer;
        ulong seed = config.Seeds.Optimizer ?? config.Seed;
        MomentType moments = o.Moments == OptimizerSettings.TwoBytes ? MomentType.BFloat16 : MomentType.Float32;
        ParameterGroup[] groups = [.. o.Groups.Select(Group)];
        try
        {
            return o.Name == OptimizerSettings.Lion
                ? new Lion(parameters, new LionOptions(o.Betas.First, o.Betas.Second, (float)o.WeightDecay) { Moments = moments, Seed = seed, Groups = groups })
                : new AdamW(parameters, new AdamWOptions(o.Betas.First, o.Betas.Second, (float)o.Eps, (float)o.WeightDecay) { Moments = moments, Seed = seed, Groups = groups });
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"'optimizer.groups': {error.Message}", error);
        }
    }

    public static WeightAverage? Average(RunSettings config, ParameterStore parameters) =>
        config.Training.Ema is { } decay ? new WeightAverage(parameters, decay) : null;

    public static TrainerOptions Options(RunSettings config, long steps) => new()
    {
        Steps = steps,
        LearningRate = (float)config.Optimizer.LearningRate,
        MicroBatches = config.Training.MicroBatches,
        ClipNorm = (float)config.Training.ClipNorm,
        Schedule = config.Schedule.Name switch
        {
            ScheduleSettings.Linear => ScheduleKind.Linear,
            ScheduleSettings.Constant => ScheduleKind.Constant,
            _ => ScheduleKind.Cosine,
        },
        WarmupSteps = config.Schedule.WarmupSteps,
        WarmupShare = config.Schedule.WarmupShare ?? 0,
        FinalRateShare = config.Schedule.FinalShare,
        MostSkippedInARow = config.Training.MaxSkippedInARow,
        CheckpointSteps = config.Training.CheckpointEvery ?? 0,
        ValidationSteps = config.Training.EvaluateEvery ?? steps,
    };

    private static ParameterGroup Group(GroupSettings group) => new()
    {
        Pattern = group.Pattern,
        LearningRateFactor = (float?)group.LearningRateFactor,
        WeightDecay = (float?)group.WeightDecay,
        Frozen = group.Frozen,
    };
}
