using System.Globalization;
using Spectre.Console;

namespace SpikeEngine.Cli.Bench;

/// <summary>How far a bench has come: a bar on a terminal, nothing elsewhere.</summary>
internal static class BenchProgress
{
    private const int BarWidth = 20;

    /// <summary>Takes rows as they are measured.</summary>
    /// <param name="console">Where the bar goes; it vanishes at the end.</param>
    /// <param name="expected">How many rows there will be, or null when that is not known.</param>
    /// <param name="rows">Measures on the way.</param>
    public static IReadOnlyList<BenchRow> Collect(IAnsiConsole console, int? expected, IEnumerable<BenchRow> rows) => Collect(
        console, expected, rows,
        row => string.Join(' ', ((string[])[row.Kernel, row.Sizes, Threads(row.Threads)]).Where(part => part.Length > 0)));

    /// <inheritdoc cref="Collect(IAnsiConsole, int?, IEnumerable{BenchRow})"/>
    /// <typeparam name="TRow">A measurement.</typeparam>
    /// <param name="console">Where the bar goes; it vanishes at the end.</param>
    /// <param name="expected">How many rows there will be, or null when that is not known.</param>
    /// <param name="rows">Measures on the way.</param>
    /// <param name="describe">What was measured, in a few words.</param>
    public static IReadOnlyList<TRow> Collect<TRow>(IAnsiConsole console, int? expected, IEnumerable<TRow> rows, Func<TRow, string> describe)
    {
        if (!console.Profile.Out.IsTerminal)
            return [.. rows];

        // Painted between two rows only: a thread that repaints the bar would take turns with what is measured.
        return console.Progress()
            .AutoRefresh(false)
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = BarWidth }, new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => Collect(context, expected, rows, describe));
    }

    private static List<TRow> Collect<TRow>(ProgressContext context, int? expected, IEnumerable<TRow> rows, Func<TRow, string> describe)
    {
        ProgressTask task = context.AddTask("warming up", maxValue: expected ?? 1);
        task.IsIndeterminate = expected is null;
        context.Refresh();
        List<TRow> collected = [];
        foreach (TRow row in rows)
        {
            collected.Add(row);
            task.Value = expected is null ? 0 : collected.Count;
            task.Description = describe(row);
            context.Refresh();
        }

        return collected;
    }

    /// <summary>The number of threads in words.</summary>
    public static string Threads(int count) => count == 1 ? "on 1 thread" : string.Create(CultureInfo.InvariantCulture, $"on {count} threads");
}
