using SpikeEngine.Model;
using SpikeEngine.Training;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Tests.Training;

/// <summary>A tiny run with everything switched on, and what has come of it.</summary>
internal sealed class TinyRun : ITrainingObserver
{
    public static readonly TrainerOptions Options = new()
    {
        Steps = 40, LearningRate = 2e-2f, MicroBatches = 3, ClipNorm = 0.5f, WarmupShare = 0.2, CheckpointSteps = 5, ValidationSteps = 10,
    };

    private long _until;
    private CancellationTokenSource? _stop;

    public List<TrainingProgress> Steps { get; } = [];

    public List<SkippedStep> Skipped { get; } = [];

    public List<ValidationResult> Validations { get; } = [];

    public List<SavedCheckpoint> Saved { get; } = [];

    public ResumedRun? ResumedFrom { get; private set; }

    public Mamba2LanguageModel Model { get; }

    public Objective Objective { get; }

    public Optimizer Optimizer { get; }

    public WeightAverage Average { get; }

    public TinyRun(Func<Objective, Objective>? wrap = null, Mamba2Config? config = null, ulong seed = 1)
    {
        Model = TinyModels.Dense(config, seed);
        Objective = new LanguageModelObjective(Model, TinyModels.Batches(Model.Config, batch: 2, length: 20));
        Objective = wrap?.Invoke(Objective) ?? Objective;
        Optimizer = new AdamW(Model.Store);
        Average = new WeightAverage(Model.Store, decay: 0.9);
    }

    /// <summary>Runs until a step, in the middle of the plan or at its end.</summary>
    public TrainingResult Run(TrainerOptions options, string? checkpoints = null, long until = long.MaxValue, int keep = 3)
    {
        using CancellationTokenSource stop = new();
        using CheckpointFolder? folder = checkpoints is null ? null : new(checkpoints, Model) { Keep = keep };
        Trainer trainer = new(options, Objective, Optimizer, Average)
        {
            Checkpoints = folder,
            Validation = (metrics, cancellation) =>
            {
                cancellation.ThrowIfCancellationRequested();
                metrics.Add("sum", Model.NormF.Weight.Values.ToArray().Sum());
            },
        };
        if (folder is not null)
            trainer.Resume(this);
        (_until, _stop) = (until, stop);
        return trainer.Run(this, stop.Token);
    }

    /// <summary>Every number of the run, as text that keeps every bit.</summary>
    public List<string> State()
    {
        IEnumerable<(string Name, object Value)> state = new ITrainingState[] { Objective, Optimizer, Average }
            .SelectMany(part => SavedState.Of(part).Values.Select(pair => (pair.Key, pair.Value)))
            .Concat(Model.Parameters().Select(parameter => (parameter.Path, (object)parameter.Values.ToArray())));
        return [.. state.Select(s => $"{s.Name} {s.Value switch
        {
            float[] floats => string.Join(' ', floats.Select(BitConverter.SingleToInt32Bits)),
            ushort[] codes => string.Join(' ', codes),
            _ => s.Value,
        }}")];
    }

    public void Stepped(TrainingProgress progress)
    {
        Steps.Add(progress);
        if (progress.Step == _until)
            _stop?.Cancel();
    }

    void ITrainingObserver.Skipped(SkippedStep step) => Skipped.Add(step);

    public void Validated(ValidationResult validation) => Validations.Add(validation);

    void ITrainingObserver.Saved(SavedCheckpoint checkpoint) => Saved.Add(checkpoint);

    public void Resumed(ResumedRun run) => ResumedFrom = run;
}
