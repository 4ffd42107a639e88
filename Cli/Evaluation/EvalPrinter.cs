using System.Globalization;
using Spectre.Console;
using SpikeEngine.Training.Evaluation;

namespace SpikeEngine.Cli.Evaluation;

/// <summary>Figures of tasks as a table.</summary>
internal static class EvalPrinter
{
    /// <summary>A row for each figure; the usual one of a task is marked.</summary>
    public static void Print(IReadOnlyList<TaskResult> results, IAnsiConsole console)
    {
        Table table = Consoles.Table("task", "items", "metric", "value", "standard error");
        foreach (TaskResult result in results)
        {
            foreach (TaskMetric metric in result.Metrics)
            {
                bool first = metric == result.Metrics[0];
                table.AddRow(
                    new Text(first ? result.Task : ""), first ? Cell($"{result.Items:N0}") : new Text(""), new Text(metric == result.Main ? metric.Name + " *" : metric.Name),
                    Cell($"{metric.Value:F4}"), metric.StandardError is { } error ? Cell($"{error:F4}") : new Text(""));
            }
        }

        if (results.Count > 1 && ZeroShot.Mean(results) is { } mean)
            table.AddRow(new Text("mean of *"), new Text(""), new Text(""), Cell($"{mean.Value:F4}"), mean.StandardError is { } error ? Cell($"{error:F4}") : new Text(""));
        console.Write(table);
    }

    private static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));
}
