namespace SpikeEngine.Training.Runs;

/// <summary>Complete configurations, from which a file or flags change what is to be different. Only the data have to be named.</summary>
/// <remarks>
/// tiny takes minutes, small a day on a few cores; 130m has the sizes of mamba2-130m, to try out on a CPU what is meant for more.
/// </remarks>
public static class RunPresets
{
    /// <summary>What is taken when nothing is said.</summary>
    public const string Default = "tiny";

    private const string Small = "small";

    /// <summary>Their names, from the smallest on.</summary>
    public static IReadOnlyList<string> Names { get; } = [Default, Small, "130m"];

    /// <summary>One of them.</summary>
    /// <param name="kind">What for.</param>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static RunConfig Of(RunKind kind, string name)
    {
        if (!Names.Contains(name))
            throw new ArgumentException($"No preset is called \"{name}\"; there are {string.Join(", ", Names)}.", nameof(name));
        RunConfig train = name switch
        {
            Default => Tiny(),
            Small => SmallModel(),
            _ => Large(),
        };
        return kind switch
        {
            RunKind.Train => train,
            RunKind.Distill => Distill(train),
            _ => Align(train),
        };
    }

    private static RunConfig Tiny() => new() { Kind = RunKind.Train, Preset = Default };

    private static RunConfig SmallModel() => new()
    {
        Kind = RunKind.Train,
        Preset = Small,
        Model = new ModelSettings { DModel = 256, LayerCount = 6, DState = 64, HeadDim = 64, ChunkSize = 64 },
        Tokenizer = new TokenizerSettings { VocabSize = 4096 },
        Data = new DataSettings { SequenceLength = 256, BatchSize = 16 },
        Optimizer = new OptimizerSettings { LearningRate = 2e-3 },
        Training = new TrainingSettings { Steps = 10_000, EvaluateEvery = 500, CheckpointEvery = 500 },
    };

    private static RunConfig Large() => new()
    {
        Kind = RunKind.Train,
        Preset = "130m",
        Model = new ModelSettings { VocabSize = 50_288, DModel = 768, LayerCount = 24, DState = 128, HeadDim = 64, ChunkSize = 256 },
        Tokenizer = new TokenizerSettings { VocabSize = 50_257, MostCharacters = 200_000_000 },
        Data = new DataSettings { SequenceLength = 1024, BatchSize = 1 },
        Optimizer = new OptimizerSettings { LearningRate = 1e-3 },
        Schedule = new ScheduleSettings { WarmupShare = 0.01 },
        Training = new TrainingSettings
        {
            Steps = 100_000, MicroBatches = 32, ActivationCheckpointing = true, EvaluateEvery = 500, CheckpointEvery = 100,
        },
    };

    /// <summary>A student starts from trained weights: a lower rate, and no decay, which would pull it away from them.</summary>
    private static RunConfig Distill(RunConfig train) => train with
    {
        Kind = RunKind.Distill,
        Optimizer = train.Optimizer with { LearningRate = train.Preset == "130m" ? 2e-4 : 2e-3, WeightDecay = 0 },
        Training = train.Training with { Steps = train.Preset == Default ? 300 : 2_000, ActivationCheckpointing = false },
    };

    /// <summary>Preferences are few, and the model shall stay near its reference.</summary>
    private static RunConfig Align(RunConfig train) => train with
    {
        Kind = RunKind.Align,
        Data = train.Data with { BatchSize = train.Preset == "130m" ? 2 : 8, ValidationShare = null },
        Optimizer = train.Optimizer with { LearningRate = train.Preset == "130m" ? 5e-6 : 1e-4, WeightDecay = 0 },
        Training = train.Training with { Steps = null, Epochs = 1, MicroBatches = train.Preset == "130m" ? 8 : 1, EvaluateEvery = 100, CheckpointEvery = 100 },
    };
}
