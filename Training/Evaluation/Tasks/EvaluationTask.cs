namespace SpikeEngine.Training.Evaluation.Tasks;

/// <summary>Something that can be asked of a model.</summary>
internal abstract class EvaluationTask
{
    /// <summary>How it is called.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a line.</summary>
    public required string Description { get; init; }

    /// <summary>The number that is usually reported.</summary>
    public required string MainMetric { get; init; }

    /// <summary>Where its data are found.</summary>
    public required TaskFiles Files { get; init; }

    /// <summary>Evaluates a model.</summary>
    /// <param name="context">The model.</param>
    /// <param name="path">The data, as <see cref="Files"/> found them.</param>
    /// <param name="limit">Most items; null for all.</param>
    public abstract TaskResult Run(EvaluationContext context, string path, int? limit);
}
