using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
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
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = BarWidth }, new DescriptionColumn())
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

    /// <summary>What a stage does or gave, in the columns that the bar leaves; a long result takes a second line.</summary>
    private sealed class DescriptionColumn : ProgressColumn
    {
        // The spinner, and the space between the columns.
        private const int Others = 6;
        private const int LeastWidth = 20;

        protected override bool NoWrap => false;

        public override int? GetColumnWidth(RenderOptions options) =>
            Math.Max(LeastWidth, options.ConsoleSize.Width - BarWidth - Others);

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(task.Description);
    }
}
