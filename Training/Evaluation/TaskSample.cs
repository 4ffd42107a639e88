namespace SpikeEngine.Training.Evaluation;

/// <summary>A text and how it may go on.</summary>
/// <param name="Context">What is given; empty for nothing but the token that parts texts.</param>
/// <param name="Continuation">Whose likelihood is asked for.</param>
public readonly record struct LikelihoodRequest(string Context, string Continuation);

/// <summary>A request with its answer.</summary>
/// <param name="Request">The request.</param>
/// <param name="LogLikelihood">ln p(continuation | context).</param>
/// <param name="IsGreedy">Whether greedy decoding would write the continuation.</param>
/// <param name="Tokens">Tokens of the continuation.</param>
public readonly record struct ScoredRequest(LikelihoodRequest Request, double LogLikelihood, bool IsGreedy, int Tokens);

/// <summary>One item of a task, as the model saw it.</summary>
public sealed record TaskSample
{
    /// <summary>Its name in the file, or its number.</summary>
    public required string Id { get; init; }

    /// <summary>What was asked, choice after choice.</summary>
    public required IReadOnlyList<ScoredRequest> Requests { get; init; }

    /// <summary>Index of the right one; null where the task has no choices.</summary>
    public int? Gold { get; init; }

    /// <summary>What the model chose, by each of the metrics.</summary>
    public IReadOnlyList<(string Metric, int Choice)> Chosen { get; init; } = [];

    /// <summary>The item's own numbers.</summary>
    public required IReadOnlyList<(string Metric, double Value)> Values { get; init; }
}
