using System.Globalization;
using Spectre.Console;
using SpikeEngine.Training;
using SpikeEngine.Training.Runs;
using ValidationResult = SpikeEngine.Training.ValidationResult;

namespace SpikeEngine.Cli.Runs;

/// <summary>Progress of a run as a bar for each preparation and one for the steps, for terminals.</summary>
internal sealed class RunLiveProgress : IRunObserver
{
    private const int BarWidth = 20;

    private readonly IAnsiConsole _console;
    private readonly ProgressContext _context;
    private readonly Dictionary<string, ProgressTask> _tasks = [];
    private string _measured = "";

    private RunLiveProgress(IAnsiConsole console, ProgressContext context) => (_console, _context) = (console, context);

    public static Task<RunResult> RunAsync(IAnsiConsole console, Func<IRunObserver, RunResult> run) =>
        console.Progress()
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = BarWidth }, new DescriptionColumn(BarWidth))
            .StartAsync(context => Task.Run(() => run(new RunLiveProgress(console, context))));

    public void Started(string stage) => TaskOf(stage);

    public void Progressed(string stage, double share) => TaskOf(stage).Value = share;

    public void Finished(string stage, TimeSpan elapsed, string result) =>
        End(TaskOf(stage), string.Create(CultureInfo.InvariantCulture, $"{stage}: {result} ({elapsed.TotalSeconds:F1} s)"));

    public void Note(string message) => _console.WriteLine($"note: {message}");

    public void Stepped(TrainingProgress progress)
    {
        ProgressTask task = TaskOf("training");
        task.MaxValue = progress.TotalSteps;
        task.Value = progress.Step;
        task.Description = RunWords.Of(progress) + _measured;
    }

    public void Skipped(SkippedStep step) => Note(RunWords.Of(step));

    public void Validated(ValidationResult validation)
    {
        if (validation.Metrics.TryGetValue("loss", out double loss))
            _measured = string.Create(CultureInfo.InvariantCulture, $"; validation loss {loss:F4} at step {validation.Step:N0}");
    }

    public void Resumed(ResumedRun run)
    {
        Note(RunWords.Of(run));
        foreach (string damaged in run.Damaged)
            Note(damaged);
    }

    private ProgressTask TaskOf(string name) => _tasks.TryGetValue(name, out ProgressTask? task) ? task : _tasks[name] = _context.AddTask(name, maxValue: 1);

    private static void End(ProgressTask task, string text)
    {
        task.Value = task.MaxValue;
        task.Description = text;
        task.StopTask();
    }
}
