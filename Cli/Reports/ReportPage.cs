using System.Globalization;
using System.Net;
using System.Text;
using SpikeEngine.Training.Quickstart;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Reports;

/// <summary>The report as one page of HTML that needs nothing else: no scripts, no fonts, no network.</summary>
internal static class ReportPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 1320px; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
        h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin-top: 2em }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 1.2em }
        figure { margin: 0 } figcaption { font-weight: 600 } svg { width: 100%; height: auto }
        table { border-collapse: collapse } td, th { padding: .15em .8em; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top }
        td { font-variant-numeric: tabular-nums } tr.differs { background: #fff6d6 } .problems { color: #a40000 }
        """;

    /// <summary>The page.</summary>
    public static string Html(IReadOnlyList<ReportRun> runs)
    {
        RunSummary[] summaries = [.. runs.Select(RunSummary.Of)];
        StringBuilder html = new();
        string title = runs.Count == 1 ? $"Run {runs[0].Folder}" : $"{runs.Count} runs";
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n");
        html.Append("<title>").Append(Encode(title)).Append("</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n");
        html.Append("<h1>").Append(Encode(title)).Append("</h1>\n");
        Problems(html, summaries);
        html.Append("<h2>Summary</h2>\n");
        Table(html, [.. summaries.Select(s => s.Run)], [.. SummaryRows(summaries)], marksDifferences: false);
        html.Append("<h2>Curves</h2>\n<div class=\"charts\">\n");
        foreach ((string name, string svg) in ReportCharts.Of(runs))
            html.Append("<figure><figcaption>").Append(Encode(name)).Append("</figcaption>").Append(svg).Append("</figure>\n");
        html.Append("</div>\n<h2>Configuration</h2>\n");
        if (runs.Count > 1)
            html.Append("<p>What differs is marked.</p>\n");
        string[] settings = [.. runs.SelectMany(r => r.Settings).Select(s => s.Key).Distinct()];
        Table(html, [.. runs.Select(r => r.Folder)], [.. settings.Select(name => (name, runs.Select(r => r.Settings.FirstOrDefault(s => s.Key == name).Value ?? "").ToArray()))], marksDifferences: true);
        MachineDescription machine = MachineDescription.Current();
        html.Append(CultureInfo.InvariantCulture, $"<p>Written by spike on {Encode(machine.Cpu)}, {Encode(machine.Dotnet)}.</p>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static void Problems(StringBuilder html, RunSummary[] summaries)
    {
        string[] problems = [.. summaries.SelectMany(s => s.Problems)];
        if (problems.Length == 0)
            return;
        html.Append("<ul class=\"problems\">\n");
        foreach (string problem in problems)
            html.Append("<li>").Append(Encode(problem)).Append("</li>\n");
        html.Append("</ul>\n");
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
        yield return Row("tokens", s => F(s.Tokens, "N0"));
        yield return Row("time", s => s.ElapsedS is { } seconds ? StageNames.Left(TimeSpan.FromSeconds(seconds)) : "");
        yield return Row("tokens/s", s => F(s.TokensPerS, "N0"));
        yield return Row("skipped steps", s => F(s.SkippedSteps, "N0"));

        (string Name, string[] Cells) Row(string name, Func<RunSummary, string> cell) => (name, [.. summaries.Select(cell)]);
    }

    private static void Table(StringBuilder html, string[] columns, IReadOnlyList<(string Name, string[] Cells)> rows, bool marksDifferences)
    {
        html.Append("<table>\n<tr><th></th>");
        foreach (string column in columns)
            html.Append("<th>").Append(Encode(column)).Append("</th>");
        html.Append("</tr>\n");
        foreach ((string name, string[] cells) in rows)
        {
            html.Append(marksDifferences && cells.Distinct().Count() > 1 ? "<tr class=\"differs\"><td>" : "<tr><td>").Append(Encode(name)).Append("</td>");
            foreach (string cell in cells)
                html.Append("<td>").Append(Encode(cell)).Append("</td>");
            html.Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static string F(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
