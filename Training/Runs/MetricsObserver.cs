using SpikeEngine.Training.Alignment;
using SpikeEngine.Training.Settings;

namespace SpikeEngine.Training.Runs;

/// <summary>Writes a run's numbers, and passes everything on to whoever watches.</summary>
internal sealed class MetricsObserver(MetricsFiles files, Objective objective, IRunObserver observer) : ITrainingObserver
{
    private bool _warned;

    public void Stepped(TrainingProgress progress)
    {
        files.Add(new MetricsLine(progress.Step,
        [
            new(MetricColumns.Loss, ShortestNumber.Of(progress.Loss)),
            new(MetricColumns.SmoothedLoss, ShortestNumber.Of(progress.SmoothedLoss)),
            new(MetricColumns.LearningRate, ShortestNumber.Of(progress.LearningRate)),
            new(MetricColumns.GradientNorm, ShortestNumber.Of(progress.GradientNorm)),
            new(progress.Unit, progress.Tokens),
            new(MetricColumns.PerSecond(progress.Unit), Math.Round(progress.TokensPerSecond, 1)),
            new(MetricColumns.Elapsed, Math.Round(progress.Elapsed.TotalSeconds, 3)),
            new(MetricColumns.Skipped, progress.SkippedSteps),
            .. progress.Metrics,
        ]));
        observer.Stepped(progress);
        if (!_warned && (objective as PreferenceObjective)?.Warning is { } warning)
        {
            _warned = true;
            observer.Note(warning);
        }
    }

    public void Skipped(SkippedStep step) => observer.Skipped(step);

    public void Validated(ValidationResult validation)
    {
        files.Extend(validation.Metrics.Select(m => new KeyValuePair<string, double>(MetricColumns.OfValidation(m.Key), m.Value)));
        observer.Validated(validation);
    }

    public void Saved(SavedCheckpoint checkpoint) => observer.Saved(checkpoint);
}
