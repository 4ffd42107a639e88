using System.Text.Json;
using System.Text.Json.Serialization;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Cli.Evaluation;

/// <summary>What <c>spike eval --json</c> writes.</summary>
internal sealed record EvalReport(
    string Model, string? Spiking, string Weights, int MaxLength, int? Limit, IReadOnlyList<EvalTaskReport> Tasks, EvalMetricReport? Mean)
{
    /// <summary>Figures of all tasks, with the first items of each.</summary>
    public static EvalReport Of(EvalSettings settings, string weights, IReadOnlyList<TaskResult> results) => new(
        settings.Model, settings.Spiking, weights, settings.MaxLength, settings.Limit, [.. results.Select(result => EvalTaskReport.Of(result, settings.Show))],
        ZeroShot.Mean(results) is { } mean ? EvalMetricReport.Of(mean) : null);
}

/// <summary>A figure.</summary>
internal sealed record EvalMetricReport(double Value, double? StandardError)
{
    public static EvalMetricReport Of(TaskMetric metric) => new(metric.Value, metric.StandardError);

    /// <summary>Figures by their names.</summary>
    public static Dictionary<string, EvalMetricReport> Of(IEnumerable<TaskMetric> metrics) => metrics.ToDictionary(metric => metric.Name, Of);
}

/// <summary>A task.</summary>
internal sealed record EvalTaskReport(
    string Task, string Source, int Items, long Tokens, string MainMetric, IReadOnlyDictionary<string, EvalMetricReport> Metrics,
    IReadOnlyList<EvalGroupReport>? Groups, IReadOnlyList<EvalSampleReport>? Samples)
{
    public static EvalTaskReport Of(TaskResult result, int shown) => new(
        result.Task, result.Source, result.Items, result.Tokens, result.MainMetric, EvalMetricReport.Of(result.Metrics),
        result.Groups.Count == 0 ? null : [.. result.Groups.Select(group => new EvalGroupReport(group.Kind, group.Name, group.Items, EvalMetricReport.Of(group.Metrics)))],
        shown == 0 ? null : [.. result.Samples.Take(shown).Select(EvalSampleReport.Of)]);
}

/// <summary>A part of a task.</summary>
internal sealed record EvalGroupReport(string Kind, string Name, int Items, IReadOnlyDictionary<string, EvalMetricReport> Metrics);

/// <summary>An item.</summary>
internal sealed record EvalSampleReport(
    string Id, int? Gold, IReadOnlyDictionary<string, int>? Chosen, IReadOnlyDictionary<string, double> Values, IReadOnlyList<EvalRequestReport> Requests)
{
    public static EvalSampleReport Of(TaskSample sample) => new(
        sample.Id, sample.Gold, sample.Chosen.Count == 0 ? null : sample.Chosen.ToDictionary(by => by.Metric, by => by.Choice),
        sample.Values.ToDictionary(value => value.Metric, value => value.Value),
        [.. sample.Requests.Select(asked => new EvalRequestReport(asked.Request.Context, asked.Request.Continuation, asked.LogLikelihood, asked.IsGreedy, asked.Tokens))]);
}

/// <summary>What was asked about an item.</summary>
internal sealed record EvalRequestReport(string Context, string Continuation, double LogLikelihood, bool IsGreedy, int Tokens);

/// <summary>JSON without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EvalReport))]
internal sealed partial class EvalJson : JsonSerializerContext;
