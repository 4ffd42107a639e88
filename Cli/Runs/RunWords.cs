using System.Globalization;
using SpikeEngine.Training;

namespace SpikeEngine.Cli.Runs;

/// <summary>Words for what happens in a run.</summary>
internal static class RunWords
{
    /// <summary>A step, in one line.</summary>
    public static string Of(TrainingProgress p)
    {
        string spikes = p.Metrics.TryGetValue(MetricNames.SpikeRate, out double rate) ? string.Create(CultureInfo.InvariantCulture, $", {100 * rate:F1} % spikes") : "";
        string skipped = p.SkippedSteps == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {p.SkippedSteps:N0} skipped");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {p.Step:N0}/{p.TotalSteps:N0}, loss {p.Loss:F3}, smoothed {p.SmoothedLoss:F3}, lr {p.LearningRate:G3}, |g| {p.GradientNorm:G3}, "
            + $"{p.TokensPerSecond:N0} {p.Unit}/s{spikes}{skipped}, {StageNames.Left(p.Remaining)} left");
    }

    /// <summary>A measurement, in one line.</summary>
    public static string Of(ValidationResult v) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {v.Step:N0}, validation: {string.Join(", ", v.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key.Replace('_', ' ')} {m.Value:G5}")))}");

    public static string Of(SkippedStep s) => string.Create(
        CultureInfo.InvariantCulture, $"step {s.Step:N0} was skipped: loss {s.Loss:G4}, gradient norm {s.GradientNorm:G4}; {s.InARow} in a row");

    public static string Of(ResumedRun r) => string.Create(CultureInfo.InvariantCulture, $"continues after step {r.Step:N0}, from {Near(r.Folder)}");

    /// <summary>A path from the current folder on, when it is below that.</summary>
    public static string Near(string path) => Path.GetRelativePath(".", path) is var near && near.StartsWith("..", StringComparison.Ordinal) ? path : near;
}
