using System.Diagnostics;

namespace SpikeEngine.Cli.Bench;

/// <summary>Times of one piece of work, sorted.</summary>
internal readonly record struct Rounds(double[] Seconds)
{
    private const int Least = 3;
    private const int Most = 41;

    // The compiler settles after some thirty calls and a tenth of a second; work that is longer has met its code in shorter work before.
    private const int WarmUpCalls = 40;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestWarmUp = TimeSpan.FromMilliseconds(300);

    /// <summary>The median.</summary>
    public double Median => Seconds[Seconds.Length / 2];

    /// <summary>
    /// Measures pieces of work in turns, so that whatever else the machine does meets all of them alike; each is warmed up first, until
    /// the compiler has settled.
    /// </summary>
    /// <param name="budget">About how long all rounds may take; at least three are done.</param>
    /// <param name="cancellation">Stops between two rounds.</param>
    /// <param name="work">The pieces.</param>
    public static Rounds[] InTurns(TimeSpan budget, CancellationToken cancellation, params Action[] work)
    {
        foreach (Action each in work)
        {
            long start = Stopwatch.GetTimestamp();
            for (int calls = 0; Stopwatch.GetElapsedTime(start) is var time && (time < s_warmUp || (calls < WarmUpCalls && time < s_longestWarmUp)); calls++)
                each();
        }

        List<double>[] seconds = [.. work.Select(_ => new List<double>())];
        for (long begin = Stopwatch.GetTimestamp(); seconds[0].Count < Least || (seconds[0].Count < Most && Stopwatch.GetElapsedTime(begin) < budget);)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < work.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                work[i]();
                seconds[i].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return [.. seconds.Select(times => new Rounds([.. times.Order()]))];
    }

    /// <summary>The times of one of <paramref name="repeats"/> equal parts.</summary>
    public Rounds Each(int repeats) => new([.. Seconds.Select(time => time / repeats)]);

    /// <summary>A row with these times.</summary>
    public BenchRow Row(string kernel, (int M, int K, int N)? shape = null) => new()
    {
        Kernel = kernel, M = shape?.M, K = shape?.K, N = shape?.N, Threads = RowParallel.Threads,
        Ms = 1e3 * Median, MsMin = 1e3 * Seconds[0], MsMax = 1e3 * Seconds[^1],
    };
}
