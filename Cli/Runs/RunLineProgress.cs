using System.Diagnostics;
using System.Globalization;
using SpikeEngine.Training;
using SpikeEngine.Training.Runs;

namespace SpikeEngine.Cli.Runs;

/// <summary>Progress of a run as plain lines, every few seconds, for logs and pipes.</summary>
internal sealed class RunLineProgress(TextWriter output) : IRunObserver
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _last;

    private TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    public void Started(string stage) => _last = Now;

    public void Progressed(string stage, double share) => NowAndThen(() => string.Create(CultureInfo.InvariantCulture, $"{stage}: {100 * share:F0} %"));

    public void Finished(string stage, TimeSpan elapsed, string result) =>
        Line(string.Create(CultureInfo.InvariantCulture, $"{stage}: {result} ({elapsed.TotalSeconds:F1} s)"));

    public void Note(string message) => Line($"note: {message}");

    public void Stepped(TrainingProgress progress)
    {
        if (progress.Step == progress.TotalSteps)
            Line(RunWords.Of(progress));
        else
            NowAndThen(() => RunWords.Of(progress));
    }

    public void Skipped(SkippedStep step) => Line(RunWords.Of(step));

    public void Validated(ValidationResult validation) => Line(RunWords.Of(validation));

    public void Resumed(ResumedRun run)
    {
        Line(RunWords.Of(run));
        foreach (string damaged in run.Damaged)
            Note(damaged);
    }

    private void NowAndThen(Func<string> text)
    {
        if (Now - _last < s_interval)
            return;
        _last = Now;
        Line(text());
    }

    private void Line(string text)
    {
        lock (output)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Now.TotalSeconds,6:F1} s] {text}"));
            output.Flush();
        }
    }
}
