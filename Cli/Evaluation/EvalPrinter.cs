using System.Globalization;
using Spectre.Console;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Cli.Evaluation;

/// <summary>Figures of tasks as tables, and items in full.</summary>
internal static class EvalPrinter
{
    private const string PerByte = "acc_bytes";   // like acc_norm but for letters of several bytes: in the file, not in the table
    private const string Largest = "phenomenon";

    /// <summary>A row for each figure; the usual one of a task is marked.</summary>
    public static void Print(IReadOnlyList<TaskResult> results, IAnsiConsole console)
    {
        Table table = Consoles.Table("task", "items", "metric", "value", "standard error");
        table.Columns[2].LeftAligned();
        foreach (TaskResult result in results)
        {
            string task = result.Task, items = Text($"{result.Items:N0}");
            foreach (TaskMetric metric in result.Metrics.Where(metric => metric.Name != PerByte || metric == result.Main))
            {
                Row(table, task, items, metric == result.Main ? metric.Name + " *" : metric.Name, metric);
                (task, items) = ("", "");
            }
        }

        if (results.Count > 1 && ZeroShot.Mean(results) is { } mean)
            Row(table, "mean of acc*", "", "", mean);
        console.Write(table);
        foreach (TaskResult result in results.Where(result => result.Groups.Count > 0))
            PrintGroups(result, console);
    }

    /// <summary>The first items of a task, nothing left out.</summary>
    public static void Show(TaskResult result, int count, TextWriter output)
    {
        foreach (TaskSample sample in result.Samples.Take(count))
        {
            output.WriteLine(Text($"--- {result.Task}, item {sample.Id}"));
            string? context = null;
            for (int i = 0; i < sample.Requests.Count; i++)
            {
                ScoredRequest asked = sample.Requests[i];
                if (asked.Request.Context != context)
                    output.WriteLine(Text($"context: {Quoted(context = asked.Request.Context)}"));
                output.WriteLine(Text(
                    $"  {(sample.Gold == i ? "right" : "     ")} {i}: log-likelihood {asked.LogLikelihood:F4}, {asked.Tokens} tokens{(asked.IsGreedy ? ", greedy" : "")}: {Quoted(asked.Request.Continuation)}"));
            }

            foreach ((string metric, int choice) in sample.Chosen)
                output.WriteLine(Text($"  {metric} chose {choice}, {(choice == sample.Gold ? "which is right" : "which is wrong")}"));
            if (sample.Chosen.Count == 0)
                output.WriteLine("  " + string.Join(", ", sample.Values.Select(value => Text($"{value.Metric} {Number(value.Value)}"))));
        }
    }

    private static void PrintGroups(TaskResult result, IAnsiConsole console)
    {
        Table table = Consoles.Table($"{result.Task}, by {Largest}", "items", result.MainMetric, "standard error");
        foreach (TaskGroup group in result.Groups.Where(group => group.Kind == Largest).OrderBy(group => group.Name, StringComparer.Ordinal))
        {
            TaskMetric metric = group.Metrics.First(metric => metric.Name == result.MainMetric);
            table.AddRow(Cell(group.Name), Cell(Text($"{group.Items:N0}")), Cell(Number(metric.Value)), Cell(Error(metric)));
        }

        console.Write(table);
    }

    private static void Row(Table table, string task, string items, string name, TaskMetric metric) =>
        table.AddRow(Cell(task), Cell(items), Cell(name), Cell(Number(metric.Value)), Cell(Error(metric)));

    private static string Error(TaskMetric metric) => metric.StandardError is { } error ? Number(error) : "";

    /// <summary>Quotes around a text show blanks at its ends.</summary>
    private static string Quoted(string text) => $"\"{text}\"";

    private static string Number(double value) => value < 10_000 ? Text($"{value:F4}") : Text($"{value:E3}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static Text Cell(string text) => new(text);
}
