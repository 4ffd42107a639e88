using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using SpikeEngine.Cli;
using SpikeEngine.Cli.Reports;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Tests.Cli;

/// <summary><c>spike report</c>: one page that needs nothing else.</summary>
public sealed class ReportCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_report_is_one_page_with_curves_summary_and_settings()
    {
        string run = Run("first", 40, finished: true);
        (int code, string output, string error) = await Spike("report", run);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("finished", output, StringComparison.Ordinal);

        string html = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<?xml", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        string[] titles = ["loss of each step, and smoothed", "validation loss", "learning rate", "gradient norm, before clipping", "tokens/s", "spike rate"];
        Assert.All(titles, title => Assert.Contains($"<figcaption>{title}</figcaption>", html, StringComparison.Ordinal));
        Assert.Equal(titles.Length, html.Split("<svg viewBox=").Length - 1);
        string[] clips = [.. html.Split("<clipPath id=\"")[1..].Select(part => part.Split('"')[0])];
        Assert.Equal(clips.Distinct(), clips);
        Assert.All(html.Split("url(#")[1..], part => Assert.Contains(part.Split(')')[0], clips));
        Assert.Contains("<td>optimizer.learning_rate</td><td>0.003</td>", html, StringComparison.Ordinal);
        Assert.Contains("<td>best validation loss</td><td>1.5000 at step 40</td>", html, StringComparison.Ordinal);

        // A browser mends what is not well-formed; that it need not shows that nothing in it is unescaped.
        using StringReader text = new(html.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<meta name=\"viewport\" content=\"width=device-width\">", "", StringComparison.Ordinal));
        var page = XDocument.Load(XmlReader.Create(text));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName is "src" or "href");
    }

    [Fact]
    public async Task Several_runs_are_compared_and_differences_marked()
    {
        string first = Run("first", 10, finished: false), second = Run("second", 20, finished: true, "schedule.name=linear");
        string page = _folder.File("both.html");
        (int code, _, _) = await Spike("report", first, second, "-o", page);
        Assert.Equal(0, code);
        string html = File.ReadAllText(page);
        Assert.Contains("<tr class=\"differs\"><td>schedule.name</td><td>cosine</td><td>linear</td></tr>", html, StringComparison.Ordinal);
        Assert.Contains("<tr><td>optimizer.name</td><td>adamw</td><td>adamw</td></tr>", html, StringComparison.Ordinal);

        (code, _, string error) = await Spike("report", first, second);
        Assert.Equal(SpikeCommandLine.WrongUsage, code);
        Assert.Contains("-o is missing", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_or_damaged_run_is_reported_with_what_is_wrong()
    {
        string run = Run("run", 3, finished: false);
        File.AppendAllText(Path.Combine(run, MetricsFiles.JsonFile), "what?\n{\"step\":4,");
        File.WriteAllText(Path.Combine(run, RunConfig.FileName), "{ <b> }");
        (int code, string output, _) = await Spike("report", run);
        Assert.Equal(0, code);
        Assert.Contains("unfinished", output, StringComparison.Ordinal);
        string html = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.Contains("metrics.jsonl, line 4: not valid JSON", html, StringComparison.Ordinal);
        Assert.Contains("line 5, the last, is incomplete", html, StringComparison.Ordinal);
        Assert.Contains("run.json:1:3: not valid JSON: &#39;&lt;&#39;", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_the_summary_and_writes_no_page()
    {
        string run = Run("run", 10, finished: true);
        (int code, string output, _) = await Spike("report", run, "--json");
        Assert.Equal(0, code);
        using var summaries = JsonDocument.Parse(output);
        JsonElement summary = Assert.Single(summaries.RootElement.EnumerateArray());
        Assert.Equal((10, 1000, "finished"), (summary.GetProperty("steps").GetInt32(), summary.GetProperty("tokens").GetInt32(), summary.GetProperty("state").GetString()));
        Assert.False(File.Exists(Path.Combine(run, "report.html")));
    }

    [Fact]
    public async Task What_is_no_run_is_refused()
    {
        Assert.Contains("does not exist", (await Spike("report", _folder.File("none"))).Error, StringComparison.Ordinal);
        Assert.Contains("no folder of a run", (await Spike("report", _folder.Path)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_points_are_thinned_and_the_extremes_stay()
    {
        (double X, double Y)[] points = [.. Enumerable.Range(0, 100_000).Select(i => ((double)i, i == 77_777 ? 9.0 : Math.Sin(i)))];
        (double X, double Y)[] thin = [.. CurveChart.Thin(points)];
        Assert.InRange(thin.Length, 900, 1000);
        Assert.Contains((77_777, 9), thin);
        Assert.Equal(thin.Select(p => p.X).Order(), thin.Select(p => p.X));
    }

    private string Run(string name, int steps, bool finished, params string[] flags)
    {
        string run = _folder.File(name);
        Directory.CreateDirectory(finished ? Path.Combine(run, RunFolder.Model) : run);
        RunConfig.Read(RunKind.Train, null, [RunFlag.OfTexts("--data", "data.train", "a<b>.txt"), .. flags.Select(RunFlag.Parse)]).Save(Path.Combine(run, RunConfig.FileName));
        using var files = MetricsFiles.Create(run);
        for (int step = 1; step <= steps; step++)
        {
            double loss = step % 7 == 0 ? double.NaN : 2 + 1.0 / step;
            files.Add(new MetricsLine(step,
            [
                new(MetricColumns.Loss, loss), new(MetricColumns.SmoothedLoss, 2), new(MetricColumns.LearningRate, 1e-3), new(MetricColumns.GradientNorm, loss),
                new(MetricColumns.Tokens, 100 * step), new(MetricColumns.PerSecond(MetricColumns.Tokens), 50), new(MetricColumns.Elapsed, 2 * step), new(MetricColumns.Skipped, step / 7), new("spike_rate", 0.3),
            ]));
            if (step % 10 == 0)
                files.Extend([new(MetricColumns.ValidationLoss, step == steps ? 1.5 : 2)]);
        }

        return run;
    }

    private static async Task<(int Code, string Output, string Error)> Spike(params string[] args)
    {
        using StringWriter output = new(new StringBuilder()), error = new();
        int code = await SpikeCommandLine.RunAsync(args, () => TextReader.Null, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
