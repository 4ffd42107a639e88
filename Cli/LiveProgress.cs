using System.Globalization;
using Spectre.Console;
using SpikeEngine.Training;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli;

/// <summary>Progress as one bar for each stage, for terminals.</summary>
internal sealed class LiveProgress : IQuickstartObserver
{
    private const int BarWidth = 20;

    private readonly ProgressContext _context;
    private ProgressTask? _task;

    private LiveProgress(ProgressContext context) => _context = context;

    public static Task<QuickstartReport> RunAsync(IAnsiConsole console, QuickstartOptions options, CancellationToken cancellation) =>
        console.Progress()
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = BarWidth }, new DescriptionColumn(BarWidth))
            .StartAsync(context => Task.Run(() => QuickstartRun.Run(options, new LiveProgress(context), cancellation)));

    public void Started(QuickstartStage stage)
    {
        _task = _context.AddTask(StageNames.Of(stage));
        _task.IsIndeterminate = stage is not (QuickstartStage.Teacher or QuickstartStage.Student);
    }

    public void Trained(QuickstartStage stage, TrainingProgress progress)
    {
        _task!.MaxValue = progress.TotalSteps;
        _task.Value = progress.Step;
        _task.Description = StageNames.Short(stage, progress);
    }

    public void Finished(QuickstartStage stage, TimeSpan elapsed, string result)
    {
        _task!.IsIndeterminate = false;
        _task.Value = _task.MaxValue;
        _task.Description = string.Create(CultureInfo.InvariantCulture, $"{StageNames.Of(stage)}: {result} ({elapsed.TotalSeconds:F1} s)");
        _task.StopTask();
    }

    /// <summary>Notes are in the report, which is printed as soon as the bars stand still.</summary>
    public void Note(string message)
    {
    }
}
