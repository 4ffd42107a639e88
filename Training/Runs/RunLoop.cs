using SpikeEngine.Model;
using SpikeEngine.Model.Checkpoints;
using SpikeEngine.Model.Text;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training.Runs;

/// <summary>What all kinds of runs have in common: folder, tokenizer, trainer, metrics, checkpoints and the model at the end.</summary>
internal sealed class RunLoop
{
    private readonly RunSettings _config;
    private readonly string _folder;
    private readonly bool _resumes;

    private RunLoop(RunSettings config, string folder, bool resumes, IRunObserver observer, CancellationToken cancellation)
    {
        (_config, _folder, _resumes) = (config, folder, resumes);
        (Observer, Cancellation) = (observer, cancellation);
    }

    public IRunObserver Observer { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>The tokenizer of the run, in its folder from <see cref="TakeTokenizer"/> on.</summary>
    public string TokenizerPath => Path.Combine(_folder, RunFolder.Tokenizer);

    /// <summary>Gets the folder ready and writes the configuration into it.</summary>
    public static RunLoop Begin(RunSettings config, string folder, ExistingRun existing, IRunObserver observer, CancellationToken cancellation)
    {
        RunFolder.Prepare(folder, existing, RunKinds.NameOf(config.Kind));
        string path = Path.Combine(folder, RunSettings.FileName);
        if (existing == ExistingRun.Resume)
            NoteChanges(path, config, observer);   // and written once it is known that the run can go on with them
        else
            config.Save(path);
        if (config.Threads is { } threads)
            RowParallel.Threads = threads;
        return new RunLoop(config, folder, existing == ExistingRun.Resume, observer, cancellation);
    }

    /// <summary>Has the tokenizer made or copied, unless the run has it already.</summary>
    public void TakeTokenizer(Action<string> make)
    {
        if (!_resumes || !File.Exists(TokenizerPath))
            make(TokenizerPath);
    }

    /// <summary>Takes the tokenizer of a model.</summary>
    /// <exception cref="FileNotFoundException">It has none.</exception>
    public void TakeTokenizerOf(string model)
    {
        string path = ModelFolder.TokenizerOf(model);
        TakeTokenizer(target => TokenizerFile.Copy(path, target));
    }

    /// <summary>Parts of a run that trains a language model, with the run's tokenizer beside it.</summary>
    public RunParts Parts(LanguageModel model, Objective objective, double batchesPerEpoch, Action<Metrics, CancellationToken>? validation)
    {
        model.CheckpointBlocks = _config.Training.ActivationCheckpointing;
        return new RunParts(TrainedModel.Of(model, TokenizerPath), objective, batchesPerEpoch, validation);
    }

    /// <summary>Trains, and writes the model when it gets to the end.</summary>
    public RunResult Run(RunParts parts)
    {
        long steps = RunSteps.Of(_config, parts);
        Optimizer optimizer = RunOptimizer.Create(_config, parts.Model.Store);
        WeightAverage? average = RunOptimizer.Average(_config, parts.Model.Store);
        using CheckpointFolder checkpoints = new(Path.Combine(_folder, RunFolder.Checkpoints), parts.Model)
        {
            Keep = _config.Training.Keep,
        };
        Trainer trainer = new(RunOptimizer.Options(_config, steps), parts.Objective, optimizer, average)
        {
            Checkpoints = checkpoints, Validation = parts.Validation,
        };

        ResumePoint point = new(Observer);
        if (_resumes && !trainer.Resume(point))
            Observer.Note("There is no checkpoint yet: the run begins anew.");
        if (point.Step > steps)
            throw new InvalidDataException($"The run in '{_folder}' has done {point.Step} steps, more than the {steps} that it shall have now.");
        if (_resumes)
            _config.Save(Path.Combine(_folder, RunSettings.FileName));
        TrainingResult result;
        using (MetricsFiles files = point.Step is { } step ? MetricsFiles.Continue(_folder, step) : MetricsFiles.Create(_folder))
            result = trainer.Run(new MetricsObserver(files, parts.Objective, Observer), Cancellation);

        string model = Path.Combine(_folder, RunFolder.Model);
        if (!result.Interrupted)
            Save(model, parts.Model, average);
        return new RunResult(
            result, steps, parts.Model.Store.Count, Measured(result.Steps), result.Interrupted ? null : model, checkpoints.Newest)
        {
            Unit = parts.Objective.Unit,
        };
    }

    private static void Save(string folder, TrainedModel model, WeightAverage? average)
    {
        using (average?.Swap())
            AtomicFolder.Write(folder, partial => model.Save(partial, keepsTrainingOnly: false));
    }

    /// <summary>What was measured after a step, by this process or by one before it.</summary>
    private Dictionary<string, double> Measured(long step)
    {
        MetricsLine? last = MetricsLog.Read(Path.Combine(_folder, MetricsFiles.JsonFile)).Lines.LastOrDefault(line => line.Step == step);
        return new(last?.Values.Where(v => MetricColumns.IsValidation(v.Key) && double.IsFinite(v.Value)) ?? [], StringComparer.Ordinal);
    }

    /// <summary>Settings may be changed when a run is resumed, such as its length; nobody should do so without knowing.</summary>
    private static void NoteChanges(string path, RunSettings config, IRunObserver observer)
    {
        if (RunSettings.Changes(path, config) is { Count: > 0 } changes)
            observer.Note($"Changed since the run began: {string.Join("; ", changes)}.");
    }

    private sealed class ResumePoint(IRunObserver observer) : ITrainingObserver
    {
        public long? Step { get; private set; }

        public void Resumed(ResumedRun run)
        {
            Step = run.Step;
            observer.Resumed(run);
        }
    }
}
