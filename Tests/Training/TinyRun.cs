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
        Listing listing = new();
        Objective.Visit(listing);
        Optimizer.Visit(listing);
        Average.Visit(listing);
        foreach (Parameter parameter in Model.Parameters())
            listing.Floats(parameter.Path, parameter.Shape.Dims, parameter.ValueMemory);
        return listing.Lines;
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

    private sealed class Listing : IStateVisitor
    {
        public List<string> Lines { get; } = [];

        public void Number(string name, ref long value) => Lines.Add($"{name} {value}");

        public void Number(string name, ref ulong value) => Lines.Add($"{name} {value}");

        public void Number(string name, ref double value) => Lines.Add($"{name} {BitConverter.DoubleToInt64Bits(value)}");

        public void Text(string name, ref string value) => Lines.Add($"{name} {value}");

        public void Same(string name, string value) => Lines.Add($"{name} {value}");

        public void Floats(string name, ReadOnlySpan<int> shape, Memory<float> values) =>
            Lines.Add($"{name} {string.Join(' ', values.ToArray().Select(BitConverter.SingleToInt32Bits))}");

        public void Halves(string name, ReadOnlySpan<int> shape, Memory<ushort> codes) => Lines.Add($"{name} {string.Join(' ', codes.ToArray())}");

        public IStateVisitor In(string prefix) => this;
    }
}
