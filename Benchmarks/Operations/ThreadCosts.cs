using System.Diagnostics;
using System.Globalization;

namespace SpikeEngine.Benchmarks.Operations;

/// <summary>
/// Time of small and large work with one thread and with all, in turns: small work must not get slower. Once with calls that
/// follow each other, when the threads are awake, and once with pauses, when they sleep.
/// </summary>
internal static class ThreadCosts
{
    private const int Rounds = 41;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Measures and prints, as a table that Markdown understands.</summary>
    public static void Print(IReadOnlyList<OpCase> cases)
    {
        int threads = RowParallel.Threads;
        Console.WriteLine($"Time with {threads} threads as a share of that with one; forward and backward, medians of {Rounds} pairs.");
        Console.WriteLine();
        Console.WriteLine("| op | sizes | µs, one thread | threads awake | threads asleep |");
        Console.WriteLine("|---|---|--:|--:|--:|");
        foreach (OpCase each in cases)
        {
            for (int i = 0; i < 300; i++)
                each.Run();
            (double one, double awake) = Compare(each, threads, TimeSpan.Zero);
            (_, double asleep) = Compare(each, threads, s_pause);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {each.Name} | {each.Sizes} | {1e6 * one:F1} | {awake:F2} | {asleep:F2} |"));
        }

        RowParallel.Threads = threads;
    }

    private static (double One, double Ratio) Compare(OpCase each, int threads, TimeSpan pause)
    {
        double[] ones = new double[Rounds], ratios = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            ones[round] = Seconds(each, 1, pause);
            ratios[round] = Seconds(each, threads, pause) / ones[round];
        }

        Array.Sort(ones);
        Array.Sort(ratios);
        return (ones[Rounds / 2], ratios[Rounds / 2]);
    }

    private static double Seconds(OpCase each, int threads, TimeSpan pause)
    {
        RowParallel.Threads = threads;
        each.Run();
        each.Run();
        if (pause > TimeSpan.Zero)
            Thread.Sleep(pause);
        long start = Stopwatch.GetTimestamp();
        each.Run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
