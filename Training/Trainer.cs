using System.Diagnostics;
using System.Numerics.Tensors;
using SpikeEngine.Training.Checkpoints;

namespace SpikeEngine.Training;

/// <summary>
/// Trains: micro-batches, clipping, schedule, optimiser, averaged weights, validation and checkpoints. A run that is stopped
/// or killed and then resumed has the same bits as one that never stopped.
/// </summary>
public sealed class Trainer : ITrainingState
{
    private const double Smoothing = 0.95;

    private readonly TrainerOptions _options;
    private readonly Objective _objective;
    private readonly Optimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly TrainingStep _step;
    private long _total;
    private long _steps;
    private long _tokens;
    private long _skipped;
    private long _skippedInARow;
    private long _validatedAt;
    private long _savedAt;
    private long _savedWhen;
    private bool _resumed;
    private double _smoothed = double.NaN;
    private double _secondsBefore;
    private TrainingPace _pace;

    /// <summary>A run from the beginning, or from a checkpoint after <see cref="Resume"/>.</summary>
    /// <param name="options">How to run.</param>
    /// <param name="objective">What to minimise, and its data.</param>
    /// <param name="optimizer">Changes the objective's parameters.</param>
    /// <param name="average">Averages them, when given.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Trainer(TrainerOptions options, Objective objective, Optimizer optimizer, WeightAverage? average = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(objective);
        ArgumentNullException.ThrowIfNull(optimizer);
        options.Validate();
        _options = options;
        _objective = objective;
        _optimizer = optimizer;
        _average = average;
        _step = new TrainingStep(objective, optimizer, average, options.MicroBatches, options.ClipNorm);
        _total = options.Steps;
        _pace = NewPace();
    }

    /// <summary>Where checkpoints go; null for none.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>Measures the model on held-out data; null for never. It sees the averaged weights where there are any.</summary>
    public Action<Metrics, CancellationToken>? Validation { get; init; }

    private long TokensPerStep => (long)_objective.TokensPerBatch * _options.MicroBatches;

    // By the multiples that were passed since the last one: a save that had to wait does not shift those after it.
    private bool SaveIsDue =>
        (_options.CheckpointSteps > 0 && _steps / _options.CheckpointSteps > _savedAt / _options.CheckpointSteps)
        || Stopwatch.GetElapsedTime(_savedWhen) >= _options.CheckpointTime;

    private TimeSpan Elapsed => TimeSpan.FromSeconds(_secondsBefore) + _pace.Elapsed;

    /// <summary>Goes on from the newest checkpoint that is whole.</summary>
    /// <param name="observer">Told where, and what is wrong with newer checkpoints.</param>
    /// <returns>False when there is no checkpoint yet.</returns>
    /// <exception cref="InvalidDataException">
    /// Every checkpoint is damaged, or the newest is of another model, optimiser or data; the message names the field.
    /// </exception>
    public bool Resume(ITrainingObserver? observer = null)
    {
        CheckpointFolder checkpoints = Checkpoints ?? throw new InvalidOperationException("A trainer without checkpoints cannot resume.");
        if (checkpoints.Restore(this) is not { } run)
            return false;
        (_savedAt, _resumed) = (run.Step, true);
        observer?.Resumed(run);
        return true;
    }

    /// <summary>Runs to the last step, or until it is stopped.</summary>
    /// <param name="observer">Told of every step and everything else that happens.</param>
    /// <param name="cancellation">Stops between two steps or within a validation, and saves a checkpoint first.</param>
    /// <exception cref="TrainingDivergedException">Loss or gradient was not finite several times in a row.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before it is intact.</exception>
    public TrainingResult Run(ITrainingObserver? observer = null, CancellationToken cancellation = default)
    {
        if (!_resumed)
            Checkpoints?.RequireEmpty();
        _pace = NewPace();
        _savedWhen = Stopwatch.GetTimestamp();
        bool goesOn = Validate(observer, cancellation);
        while (goesOn && !cancellation.IsCancellationRequested)
        {
            _total = _pace.StepsWithin(_steps, _total, _options.Steps);
            if (_steps >= _total)
                break;
            Step(observer);
            goesOn = Validate(observer, cancellation);

            // A step that did not count says that the weights may be about to go bad: the checkpoint waits for the next that does.
            if (goesOn && _skippedInARow == 0 && SaveIsDue)
                Save(observer);
        }

        bool isComplete = _steps >= _total && Validate(observer, cancellation);
        if (_savedAt != _steps)
            Save(observer);
        return new TrainingResult(_steps, _tokens, _smoothed, Elapsed, _skipped, Interrupted: !isComplete);
    }

    /// <inheritdoc/>
    public void Visit(IStateVisitor state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Same("optimizer", _optimizer.GetType().Name);
        state.Same("average", _average is null ? "none" : "exponential");
        double now = Elapsed.TotalSeconds, seconds = now;
        state.Number("steps", ref _steps);
        state.Number("tokens", ref _tokens);
        state.Number("skipped", ref _skipped);
        state.Number("skipped_in_a_row", ref _skippedInARow);
        state.Number("validated_at", ref _validatedAt);
        state.Number("smoothed_loss", ref _smoothed);
        state.Number("seconds", ref seconds);
        _objective.Visit(state.In("objective"));
        _optimizer.Visit(state.In("optimizer"));
        _average?.Visit(state.In("average"));
        if (seconds != now)
            (_secondsBefore, _pace) = (seconds, NewPace());
    }

    private TrainingPace NewPace() => new(TokensPerStep, _options.Budget);

    private void Step(ITrainingObserver? observer)
    {
        _pace.Begin();
        float rate = _options.LearningRate * Schedule(_total).Factor(_steps + 1);
        _objective.BeginStep(_steps, _total);
        (double loss, double norm, bool counts) = _step.Run(rate);
        _steps++;
        _tokens += TokensPerStep;
        if (counts)
        {
            _skippedInARow = 0;
            _smoothed = double.IsNaN(_smoothed) ? loss : Smoothing * _smoothed + (1 - Smoothing) * loss;
        }
        else
        {
            _skipped++;
            _skippedInARow++;
            observer?.Skipped(new SkippedStep(_steps, loss, norm, (int)_skippedInARow));
        }

        _pace.End();
        observer?.Stepped(new TrainingProgress(
            _steps, _total, loss, _smoothed, rate, norm, _pace.TokensPerSecond, _tokens, _skipped, Elapsed,
            _pace.Remaining(_total - _steps), _step.Metrics.Means())
        { Unit = _objective.Unit });
        if (_skippedInARow >= _options.MostSkippedInARow)
            throw Diverged($"The loss or its gradient was not finite in {_skippedInARow} steps in a row, {_steps - _skippedInARow + 1} to {_steps}.");
    }

    private TrainingDivergedException Diverged(string what) => new(
        what + (Checkpoints?.Newest is { } newest ? $" The last good checkpoint is {newest}." : ""));

    /// <summary>When it is due, which it also is after a resume from a checkpoint that was saved before it ended.</summary>
    /// <returns>False when it was stopped in its middle.</returns>
    private bool Validate(ITrainingObserver? observer, CancellationToken cancellation)
    {
        if (Validation is null || _options.ValidationSteps == 0 || _steps == _validatedAt)
            return true;
        if (_steps % _options.ValidationSteps != 0 && _steps != _total)
            return true;
        Metrics metrics = new();
        try
        {
            using (_average?.Swap())
                Validation(metrics, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }

        _validatedAt = _steps;
        observer?.Validated(new ValidationResult(_steps, metrics.Means()));
        return true;
    }

    private void Save(ITrainingObserver? observer)
    {
        if (Checkpoints is null)
            return;
        foreach (Parameter parameter in _objective.Parameters.Parameters)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(parameter.Values))
                throw Diverged($"{parameter.Path} has values that are not finite after step {_steps}.");
        }

        SavedCheckpoint saved = Checkpoints.Save(_steps, this);
        (_savedAt, _savedWhen) = (_steps, Stopwatch.GetTimestamp());
        observer?.Saved(saved);
    }

    // The fall reaches its end one step after the last, and the warm-up starts one step after 0: every step moves.
    private Schedule Schedule(long total) => new(
        _options.WarmupSteps ?? (long)(total * _options.WarmupShare), total + 1, (float)_options.FinalRateShare, _options.Schedule);
}
