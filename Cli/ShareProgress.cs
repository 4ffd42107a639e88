using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace SpikeEngine.Cli;

/// <summary>How much of one long piece of work is done: a bar on a terminal, now and then a line elsewhere.</summary>
internal static class ShareProgress
{
    private const int BarWidth = 20;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    /// <summary>Does the work, which reports the share that is done, from 0 to 1.</summary>
    public static void Run(TextWriter error, string what, Action<IProgress<double>> work)
    {
        IAnsiConsole console = Consoles.For(error);
        if (!console.Profile.Out.IsTerminal)
        {
            work(new Lines(error, what));
            return;
        }

        console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = BarWidth }, new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => work(new Bar(context.AddTask(what, maxValue: 1))));
    }

    private sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }

    private sealed class Lines(TextWriter error, string what) : IProgress<double>
    {
        private long _last = Stopwatch.GetTimestamp();

        public void Report(double value)
        {
            if (Stopwatch.GetElapsedTime(_last) < s_interval)
                return;
            _last = Stopwatch.GetTimestamp();
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {100 * value:F0} %"));
        }
    }
}
