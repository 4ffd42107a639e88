using System.Text.Json.Serialization;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Reports;

/// <summary>What came of a run so far; what was not measured is null.</summary>
/// <param name="Run">The folder.</param>
/// <param name="State"><c>finished</c>, or <c>unfinished</c>: still running, or stopped.</param>
/// <param name="Steps">Steps done.</param>
/// <param name="FinalLoss">Smoothed loss of the last step.</param>
/// <param name="BestValidationLoss">The lowest loss on held-out data.</param>
/// <param name="BestValidationStep">Where it was measured.</param>
/// <param name="LastValidation">The last measurement, by name.</param>
/// <param name="Tokens">Tokens seen, by a language model.</param>
/// <param name="Images">Images seen, by a network for images.</param>
/// <param name="ElapsedS">Seconds of training.</param>
/// <param name="TokensPerS">Tokens over seconds.</param>
/// <param name="ImagesPerS">Images over seconds.</param>
/// <param name="SkippedSteps">Steps that changed nothing because loss or gradient was not finite.</param>
/// <param name="Problems">What could not be read.</param>
internal sealed record RunSummary(
    string Run, string State, long Steps, double? FinalLoss, double? BestValidationLoss, long? BestValidationStep,
    IReadOnlyDictionary<string, double> LastValidation, double? Tokens, double? Images, double? ElapsedS, double? TokensPerS, double? ImagesPerS, double? SkippedSteps,
    IReadOnlyList<string> Problems)
{
    public static RunSummary Of(ReportRun run)
    {
        IReadOnlyList<MetricsLine> lines = run.Log.Lines;
        MetricsLine? last = lines.Count > 0 ? lines[^1] : null;
        MetricsLine? best = lines.Where(l => double.IsFinite(l[MetricColumns.ValidationLoss])).MinBy(l => l[MetricColumns.ValidationLoss]);
        MetricsLine? measured = lines.LastOrDefault(l => double.IsFinite(l[MetricColumns.ValidationLoss]));
        double? tokens = Last(MetricColumns.Tokens), images = Last(MetricColumns.Images), seconds = Last(MetricColumns.Elapsed);
        return new RunSummary(
            run.Folder, run.IsFinished ? "finished" : "unfinished", last?.Step ?? 0, Last(MetricColumns.SmoothedLoss), best?[MetricColumns.ValidationLoss], best?.Step,
            measured is null ? new Dictionary<string, double>()
                : new Dictionary<string, double>(measured.Values.Where(v => MetricColumns.IsValidation(v.Key) && double.IsFinite(v.Value))),
            tokens, images, seconds, seconds > 0 ? tokens / seconds : null, seconds > 0 ? images / seconds : null, Last(MetricColumns.Skipped), run.Problems);

        double? Last(string name) => last is not null && double.IsFinite(last[name]) ? last[name] : null;
    }
}

/// <summary>JSON of <c>spike report --json</c>, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunSummary[]))]
internal sealed partial class ReportJson : JsonSerializerContext;
