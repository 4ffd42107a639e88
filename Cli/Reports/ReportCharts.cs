using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Reports;

/// <summary>Which charts a report has: those that every run has, and one for each further number.</summary>
internal static class ReportCharts
{
    private static readonly (string Name, string Title)[] s_common =
    [
        (MetricColumns.LearningRate, "learning rate"),
        (MetricColumns.GradientNorm, "gradient norm, before clipping"),
        (MetricColumns.PerSecond(MetricColumns.Tokens), "tokens/s"),
        (MetricColumns.PerSecond(MetricColumns.Images), "images/s"),
    ];

    private static readonly string[] s_untold =
        [MetricColumns.Loss, MetricColumns.SmoothedLoss, MetricColumns.Tokens, MetricColumns.Images, MetricColumns.Elapsed, MetricColumns.Skipped];

    /// <summary>Titles and SVG elements, the loss first.</summary>
    public static IEnumerable<(string Title, string Svg)> Of(IReadOnlyList<ReportRun> runs)
    {
        List<Curve> loss = [];
        for (int i = 0; i < runs.Count; i++)
        {
            loss.Add(new Curve(null, i, Faint: true, Points(runs[i], MetricColumns.Loss)));
            loss.Add(new Curve(runs.Count > 1 ? runs[i].Folder : "smoothed", i, Faint: false, Points(runs[i], MetricColumns.SmoothedLoss)));
        }

        yield return ("loss of each step, and smoothed", CurveChart.Svg(MetricColumns.Loss, loss, logarithmic: false));
        string[] names = [.. runs.SelectMany(r => r.Log.Lines).SelectMany(l => l.Values).Select(v => v.Key).Distinct()];
        foreach (string name in names.Where(MetricColumns.IsValidation))
            yield return (name.Replace('_', ' '), Chart(runs, name));
        foreach ((string name, string title) in s_common.Where(c => names.Contains(c.Name)))
            yield return (title, Chart(runs, name));
        foreach (string name in names.Where(n => !MetricColumns.IsValidation(n) && !s_untold.Contains(n) && s_common.All(c => c.Name != n)))
            yield return (name.Replace('_', ' '), Chart(runs, name));
    }

    private static string Chart(IReadOnlyList<ReportRun> runs, string name)
    {
        bool sparse = MetricColumns.IsValidation(name);
        Curve[] curves = [.. runs.Select((run, i) => new Curve(
            runs.Count > 1 ? run.Folder : null, i, Faint: false,
            sparse ? [.. Points(run, name).Where(p => double.IsFinite(p.Y))] : Points(run, name)))];
        bool logarithmic = name == MetricColumns.GradientNorm && curves.SelectMany(c => c.Points).All(p => p.Y > 0 || double.IsNaN(p.Y));
        return CurveChart.Svg(name, curves, logarithmic);
    }

    private static IReadOnlyList<(double X, double Y)> Points(ReportRun run, string name) =>
        [.. run.Log.Lines.Select(line => ((double)line.Step, line[name]))];
}
