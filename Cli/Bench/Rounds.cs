using System.Diagnostics;

namespace SpikeEngine.Cli.Bench;

/// <summary>Times of one piece of work, sorted.</summary>
internal readonly record struct Rounds(double[] Seconds)
{
    private const int Least = 3;
    private const int Most = 41;

    // The compiler settles after some thirty calls and a tenth of a second; work that is longer has met its code in shorter work before.
    private const int WarmUpCalls = 40;
    private const double WarmUpStretch = 1.5;   // how much longer a warm-up may become to reach that many calls

    /// <summary>What code needs that has not run before.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(200);

    /// <summary>The median.</summary>
    public double Median => Seconds[Seconds.Length / 2];

    /// <summary>The lower quartile: of few rounds a better guess than the median where something else runs now and then, which only adds time.</summary>
    public double Quick => Seconds[Seconds.Length / 4];

    /// <inheritdoc cref="InTurns(TimeSpan, TimeSpan, CancellationToken, Func{double}[])"/>
    public static Rounds[] InTurns(TimeSpan budget, CancellationToken cancellation, params Action[] work) =>
        InTurns(budget, WarmUp, cancellation, work);

    /// <inheritdoc cref="InTurns(TimeSpan, TimeSpan, CancellationToken, Func{double}[])"/>
    public static Rounds[] InTurns(TimeSpan budget, TimeSpan warmUp, CancellationToken cancellation, params Action[] work) =>
        InTurns(budget, warmUp, cancellation, [.. work.Select(each => (Func<double>)(() =>
        {
            long start = Stopwatch.GetTimestamp();
            each();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }))]);

    /// <summary>
    /// Measures pieces of work in turns, so that whatever else the machine does meets all of them alike; each is warmed up first, until
    /// the compiler has settled.
    /// </summary>
    /// <param name="budget">About how long all rounds may take; at least three are done.</param>
    /// <param name="warmUp">How long each runs before; once at least, which is enough for code that has been warmed up with other values.</param>
    /// <param name="cancellation">Stops between two rounds.</param>
    /// <param name="work">The pieces; each returns the seconds that count.</param>
    public static Rounds[] InTurns(TimeSpan budget, TimeSpan warmUp, CancellationToken cancellation, params Func<double>[] work)
    {
        foreach (Func<double> each in work)
        {
            long start = Stopwatch.GetTimestamp();
            for (int calls = 0; calls == 0 || IsCold(Stopwatch.GetElapsedTime(start), calls); calls++)
            {
                cancellation.ThrowIfCancellationRequested();
                each();
            }
        }

        List<double>[] seconds = [.. work.Select(_ => new List<double>())];
        for (long begin = Stopwatch.GetTimestamp(); seconds[0].Count < Least || (seconds[0].Count < Most && Stopwatch.GetElapsedTime(begin) < budget);)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < work.Length; i++)
                seconds[i].Add(work[i]());
        }

        return [.. seconds.Select(times => new Rounds([.. times.Order()]))];

        bool IsCold(TimeSpan time, int calls) => time < warmUp || (calls < WarmUpCalls && time < WarmUpStretch * warmUp);
    }

    /// <summary>As the others, for work that takes so long that a number of rounds is asked for, and not a time.</summary>
    /// <param name="rounds">How many count.</param>
    /// <param name="warmUps">How many are done before.</param>
    /// <param name="cancellation">Stops between two pieces of work.</param>
    /// <param name="work">The pieces.</param>
    public static Rounds[] InTurns(int rounds, int warmUps, CancellationToken cancellation, params Action[] work)
    {
        List<double>[] seconds = [.. work.Select(_ => new List<double>())];
        for (int round = -warmUps; round < rounds; round++)
        {
            for (int i = 0; i < work.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                work[i]();
                if (round >= 0)
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
