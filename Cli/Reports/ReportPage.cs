using System.Globalization;

namespace SpikeEngine.Cli.Reports;

/// <summary>The report on runs as one page.</summary>
internal static class ReportPage
{
    /// <summary>The page.</summary>
    public static string Html(IReadOnlyList<ReportRun> runs)
    {
        RunSummary[] summaries = [.. runs.Select(RunSummary.Of)];
        HtmlPage page = new(runs.Count == 1 ? $"Run {runs[0].Folder}" : $"{runs.Count} runs");
        page.Problems([.. summaries.SelectMany(s => s.Problems)]);
        page.Heading("Summary");
        page.Table([.. summaries.Select(s => s.Run)], [.. SummaryRows(summaries)]);
        page.Heading("Curves");
        page.Charts(ReportCharts.Of(runs));
        RunPictures.Add(page, runs);
        page.Heading("Configuration");
        if (runs.Count > 1)
            page.Paragraph("What differs is marked.");
        string[] settings = [.. runs.SelectMany(r => r.Settings).Select(s => s.Key).Distinct()];
        page.Table(
            [.. runs.Select(r => r.Folder)],
            [.. settings.Select(name => (name, runs.Select(r => r.Settings.FirstOrDefault(s => s.Key == name).Value ?? "").ToArray()))], marksDifferences: true);
        return page.End();
    }

    /// <summary>Names and, for each run, what it has.</summary>
    public static IEnumerable<(string Name, string[] Cells)> SummaryRows(IReadOnlyList<RunSummary> summaries)
    {
        yield return Row("state", s => s.State);
        yield return Row("steps", s => F(s.Steps, "N0"));
        yield return Row("final loss, smoothed", s => F(s.FinalLoss, "F4"));
        yield return Row("best validation loss", s => s.BestValidationStep is { } step ? $"{F(s.BestValidationLoss, "F4")} at step {F(step, "N0")}" : "");
        foreach (string name in summaries.SelectMany(s => s.LastValidation.Keys).Distinct().ToArray())
            yield return Row($"{name.Replace('_', ' ')}, last", s => s.LastValidation.TryGetValue(name, out double value) ? F(value, "G5") : "");
        if (summaries.Any(s => s.Tokens is not null))
            yield return Row("tokens", s => F(s.Tokens, "N0"));
        if (summaries.Any(s => s.Images is not null))
            yield return Row("images", s => F(s.Images, "N0"));
        yield return Row("time", s => s.ElapsedS is { } seconds ? StageNames.Left(TimeSpan.FromSeconds(seconds)) : "");
        if (summaries.Any(s => s.TokensPerS is not null))
            yield return Row("tokens/s", s => F(s.TokensPerS, "N0"));
        if (summaries.Any(s => s.ImagesPerS is not null))
            yield return Row("images/s", s => F(s.ImagesPerS, "N0"));
        yield return Row("skipped steps", s => F(s.SkippedSteps, "N0"));

        (string Name, string[] Cells) Row(string name, Func<RunSummary, string> cell) => (name, [.. summaries.Select(cell)]);
    }

    private static string F(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
