using System.Diagnostics;
using SpikeEngine.Kernels;

namespace SpikeEngine;

/// <summary>What this machine can do at most, measured with the engine's threads and register width: the yardstick of every speed.</summary>
/// <param name="Threads">Threads that were used.</param>
/// <param name="GFlopsPerSecond">Billions of single-precision operations in a second, a multiply-add counted as two.</param>
/// <param name="ByteGOpsPerSecond">The same of signed bytes, by the instruction that multiplies pairs of them and adds the products.</param>
/// <param name="ReadGBytesPerSecond">Billions of bytes in a second, read from memory that no cache holds.</param>
public sealed record MachinePeak(int Threads, double GFlopsPerSecond, double ByteGOpsPerSecond, double ReadGBytesPerSecond)
{
    private const int Rounds = 7;
    private const int Turns = 1 << 18;               // about a millisecond
    private const int PiecesPerThread = 8;

    private static readonly Lock s_gate = new();
    private static MachinePeak? s_last;

    /// <summary>The figures for the number of threads in use; measured on first use, in about half a second, and then kept.</summary>
    public static MachinePeak Current
    {
        get
        {
            lock (s_gate)
                return s_last?.Threads == RowParallel.Threads ? s_last : s_last = Measure();
        }
    }

    /// <summary>Measures, for as many threads as are in use. Medians of several rounds; nothing else should run.</summary>
    public static MachinePeak Measure() => new(
        RowParallel.Threads, PerSecond(RunMulAdds) / 1e9, PerSecond(RunByteMulAdds) / 1e9, PerSecond(new ReadYardstick().Run) / 1e9);

    /// <summary>
    /// Does nothing but multiply-adds for some milliseconds, on all threads in use: to be timed in turns with other work, so that
    /// whatever else the machine does meets both alike.
    /// </summary>
    /// <returns>Floating-point operations done.</returns>
    public static double RunMulAdds()
    {
        int pieces = RowParallel.Threads * PiecesPerThread;
        float[] results = new float[pieces];
        RowParallel.For(
            pieces, 1, results, static (results, piece, _) => Simd.Run(new PeakMulAdd { Turns = Turns, Result = results.AsSpan(piece, 1) }), heavy: true);
        return (double)pieces * PeakMulAdd.Flops(Turns);
    }

    /// <summary>As <see cref="RunMulAdds"/>, multiplying and adding bytes.</summary>
    public static double RunByteMulAdds()
    {
        int pieces = RowParallel.Threads * PiecesPerThread;
        short[] results = new short[pieces];
        RowParallel.For(
            pieces, 1, results, static (results, piece, _) => Simd.RunInteger(new PeakByteMulAdd { Turns = Turns, Result = results.AsSpan(piece, 1) }), heavy: true);
        return (double)pieces * PeakByteMulAdd.Operations(Turns);
    }

    private static double PerSecond(Func<double> run)
    {
        double done = 0;
        return 1 / MedianSeconds(() => done = run()) * done;
    }

    private static double MedianSeconds(Action action)
    {
        action();
        double[] seconds = new double[Rounds];
        foreach (ref double time in seconds.AsSpan())
        {
            long start = Stopwatch.GetTimestamp();
            action();
            time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[Rounds / 2];
    }
}
