using System.Diagnostics;

namespace SpikeEngine.Training.Runs;

/// <summary>Tells an observer of the preparations.</summary>
internal static class RunStages
{
    public static T Run<T>(this IRunObserver observer, string stage, Func<IProgress<double>, T> work, Func<T, string> describe)
    {
        observer.Started(stage);
        long start = Stopwatch.GetTimestamp();
        T result = work(new Share(stage, observer));
        observer.Finished(stage, Stopwatch.GetElapsedTime(start), describe(result));
        return result;
    }

    /// <summary>Unlike <see cref="Progress{T}"/> at once and on the same thread.</summary>
    private sealed class Share(string stage, IRunObserver observer) : IProgress<double>
    {
        public void Report(double value) => observer.Progressed(stage, value);
    }
}
