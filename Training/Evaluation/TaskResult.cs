namespace SpikeEngine.Training.Evaluation;

/// <summary>A number that a task gives.</summary>
/// <param name="Name"><c>acc</c>, <c>acc_norm</c>, <c>word_perplexity</c> ...</param>
/// <param name="Value">The number.</param>
/// <param name="StandardError">Of the value; null where there is none.</param>
public sealed record TaskMetric(string Name, double Value, double? StandardError);

/// <summary>The same numbers for a part of a task's items.</summary>
/// <param name="Kind">What the parts are: <c>phenomenon</c>, <c>paradigm</c>.</param>
/// <param name="Name">Which of them it is.</param>
/// <param name="Items">Number of items.</param>
/// <param name="Metrics">The numbers.</param>
public sealed record TaskGroup(string Kind, string Name, int Items, IReadOnlyList<TaskMetric> Metrics);

/// <summary>What an evaluation of one task found.</summary>
public sealed record TaskResult
{
    /// <summary>The task, as it was asked for.</summary>
    public required string Task { get; init; }

    /// <summary>The file or folder that the items are from.</summary>
    public string Source { get; init; } = "";

    /// <summary>Number of items, or of documents.</summary>
    public required int Items { get; init; }

    /// <summary>Tokens whose likelihood was asked for.</summary>
    public required long Tokens { get; init; }

    /// <summary>The numbers.</summary>
    public required IReadOnlyList<TaskMetric> Metrics { get; init; }

    /// <summary>Name of the one that is usually reported.</summary>
    public required string MainMetric { get; init; }

    /// <summary>The numbers of parts; empty for tasks that have none.</summary>
    public IReadOnlyList<TaskGroup> Groups { get; init; } = [];

    /// <summary>Every item with its prompts and scores, in the order of the file.</summary>
    public required IReadOnlyList<TaskSample> Samples { get; init; }

    /// <summary>One of the numbers; null when the task has none of that name.</summary>
    public TaskMetric? this[string name] => Metrics.FirstOrDefault(metric => metric.Name == name);

    /// <summary>The one that is usually reported.</summary>
    public TaskMetric Main => this[MainMetric]!;
}
