using System.Globalization;
using Spectre.Console;
using SpikeEngine.Training;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli;

/// <summary>Progress as one bar for each stage, for terminals.</summary>
internal sealed class LiveProgress : IQuickstartObserver
{
    private readonly ProgressContext _context;
    private readonly List<string> _notes;
    private ProgressTask? _task;

    private LiveProgress(ProgressContext context, List<string> notes) => (_context, _notes) = (context, notes);

    public static async Task<QuickstartReport> RunAsync(IAnsiConsole console, QuickstartOptions options, CancellationToken cancellation)
    {
        List<string> notes = [];
        try
        {
            return await console.Progress()
                .AutoClear(false)
                .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(context => Task.Run(() => QuickstartRun.Run(options, new LiveProgress(context, notes), cancellation)));
        }
        finally
        {
            foreach (string note in notes)
                console.WriteLine($"note: {note}");
        }
    }

    public void Started(QuickstartStage stage)
    {
        _task = _context.AddTask(Escape(StageNames.Of(stage)));
        _task.IsIndeterminate = stage is not (QuickstartStage.Teacher or QuickstartStage.Student);
    }

    public void Trained(QuickstartStage stage, TrainingProgress progress)
    {
        _task!.MaxValue = progress.TotalSteps;
        _task.Value = progress.Step;
        _task.Description = Escape($"{StageNames.Of(stage)}: {StageNames.Of(progress)}");
    }

    public void Finished(QuickstartStage stage, TimeSpan elapsed, string result)
    {
        _task!.IsIndeterminate = false;
        _task.Value = _task.MaxValue;
        _task.Description = Escape(string.Create(CultureInfo.InvariantCulture, $"{StageNames.Of(stage)}: {result} ({elapsed.TotalSeconds:F1} s)"));
        _task.StopTask();
    }

    public void Note(string message) => _notes.Add(message);

    private static string Escape(string text) => Markup.Escape(text);
}
