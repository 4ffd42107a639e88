namespace SpikeEngine.Training.Studies;

/// <summary>A mean over several measurements.</summary>
/// <param name="Value">The mean.</param>
/// <param name="StandardError">Sample deviation / sqrt(count); not a number of a single one.</param>
/// <param name="Count">How many.</param>
public sealed record Estimate(double Value, double StandardError, int Count)
{
    /// <summary>Of values.</summary>
    public static Estimate Of(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double mean = values.Average();
        double error = values.Count < 2 ? double.NaN : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
        return new Estimate(mean, error, values.Count);
    }
}

/// <summary>Means and differences of results, with their standard errors.</summary>
public static class StudyStatistics
{
    /// <summary>The mean over tasks, in points; its error comes from the items of each.</summary>
    /// <returns>Null when there are no tasks.</returns>
    public static Estimate? Accuracy(IReadOnlyList<TaskScore> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return tasks.Count == 0
            ? null
            : new Estimate(100 * tasks.Average(t => t.Value), 100 * Math.Sqrt(tasks.Sum(t => t.StandardError * t.StandardError)) / tasks.Count, tasks.Count);
    }

    /// <summary>
    /// How many points a row is below the teacher in the mean over tasks. Both answered the same items, so the error is that of the
    /// differences, item by item, and smaller than that of either.
    /// </summary>
    /// <returns>Null when one of them was not measured.</returns>
    /// <exception cref="ArgumentException">They were measured on other items.</exception>
    public static Estimate? Gap(IReadOnlyList<TaskScore> teacher, IReadOnlyList<TaskScore> row)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(row);
        if (teacher.Count == 0 || row.Count == 0)
            return null;
        double gap = 0, variance = 0;
        foreach (TaskScore score in row)
        {
            TaskScore other = teacher.FirstOrDefault(t => t.Task == score.Task && t.Right.Length == score.Right.Length)
                ?? throw new ArgumentException($"'{score.Task}' was measured on other items for the teacher, or not at all.", nameof(teacher));
            Estimate difference = Estimate.Of([.. other.Right.Zip(score.Right, (a, b) => (double)(a - b))]);
            gap += difference.Value;
            variance += difference.StandardError * difference.StandardError;
        }

        return new Estimate(100 * gap / row.Count, 100 * Math.Sqrt(variance) / row.Count, row.Count);
    }

    /// <summary>The mean over the seeds of rows with one label, and the label; labels in the order of the rows.</summary>
    /// <param name="rows">Rows of one group.</param>
    /// <param name="value">What is averaged; rows without it are left out.</param>
    public static IReadOnlyList<(string Label, Estimate Value)> BySeed(IEnumerable<RowResult> rows, Func<RowResult, double?> value) =>
    [
        .. rows.Where(r => value(r) is not null).GroupBy(r => r.Label).Select(g => (g.Key, Estimate.Of([.. g.Select(r => value(r)!.Value)]))),
    ];
}
