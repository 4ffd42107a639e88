namespace SpikeEngine.Training.Evaluation;

/// <summary>Means with standard errors.</summary>
internal static class Estimates
{
    /// <summary>The mean, and its standard error: sample deviation / sqrt(n), which takes two values.</summary>
    public static TaskMetric Mean(string name, IReadOnlyList<double> values)
    {
        double mean = values.Average();
        double? error = values.Count < 2 ? null : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
        return new TaskMetric(name, mean, error);
    }

    /// <summary>exp(-mean) with the error that a small one of the mean makes.</summary>
    public static TaskMetric Perplexity(string name, IReadOnlyList<double> logLikelihoods)
    {
        TaskMetric mean = Mean(name, logLikelihoods);
        double perplexity = Math.Exp(-mean.Value);
        return new TaskMetric(name, perplexity, mean.StandardError * perplexity);
    }

    /// <summary>The mean over independent means.</summary>
    public static TaskMetric Average(string name, IReadOnlyList<TaskMetric> metrics) => new(
        name, metrics.Average(metric => metric.Value),
        metrics.All(metric => metric.StandardError is not null) ? Math.Sqrt(metrics.Sum(metric => metric.StandardError!.Value * metric.StandardError.Value)) / metrics.Count : null);
}
