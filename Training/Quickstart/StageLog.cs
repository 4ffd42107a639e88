using System.Diagnostics;

namespace SpikeEngine.Training.Quickstart;

/// <summary>Runs stages, tells the observer and keeps the times.</summary>
internal sealed class StageLog(IQuickstartObserver observer)
{
    public List<StageTime> Times { get; } = [];

    public List<string> Notes { get; } = [];

    public T Run<T>(QuickstartStage stage, Func<T> work, Func<T, string> describe)
    {
        observer.Started(stage);
        long start = Stopwatch.GetTimestamp();
        T result = work();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        Times.Add(new StageTime(stage, elapsed.TotalSeconds));
        observer.Finished(stage, elapsed, describe(result));
        return result;
    }

    public void Note(string message)
    {
        Notes.Add(message);
        observer.Note(message);
    }

    /// <summary>Hands training progress on.</summary>
    public ITrainingObserver Training(QuickstartStage stage) => new Forward(stage, observer);

    private sealed class Forward(QuickstartStage stage, IQuickstartObserver observer) : ITrainingObserver
    {
        public void Stepped(TrainingProgress progress) => observer.Trained(stage, progress);
    }
}
