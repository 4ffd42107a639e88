using System.Diagnostics;
using System.Globalization;
using SpikeEngine.Training;
using SpikeEngine.Training.Quickstart;

namespace SpikeEngine.Cli;

/// <summary>Progress as plain lines, for logs and pipes.</summary>
internal sealed class LineProgress(TextWriter output) : IQuickstartObserver
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _last;

    public void Started(QuickstartStage stage) => _last = Stopwatch.GetElapsedTime(_start);

    public void Trained(QuickstartStage stage, TrainingProgress progress)
    {
        if (Stopwatch.GetElapsedTime(_start) - _last < s_interval)
            return;
        _last = Stopwatch.GetElapsedTime(_start);
        Line($"{StageNames.Of(stage)}: {StageNames.Of(progress)}");
    }

    public void Finished(QuickstartStage stage, TimeSpan elapsed, string result) =>
        Line(string.Create(CultureInfo.InvariantCulture, $"{StageNames.Of(stage)}: {result} ({elapsed.TotalSeconds:F1} s)"));

    public void Note(string message) => Line($"note: {message}");

    private void Line(string text)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(_start).TotalSeconds,5:F1} s] {text}"));
        output.Flush();
    }
}
