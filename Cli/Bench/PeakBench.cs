namespace SpikeEngine.Cli.Bench;

/// <summary>The yardsticks as rows.</summary>
internal static class PeakBench
{
    /// <summary>How many rows there are.</summary>
    public static int RowCount => 3;

    /// <summary>Multiply-adds of floats and of bytes on registers, and reading from memory.</summary>
    public static IEnumerable<BenchRow> Rows(MachinePeak peak)
    {
        yield return new BenchRow { Kernel = "peak", Threads = peak.Threads, Gflops = peak.GFlopsPerSecond };
        yield return new BenchRow { Kernel = "peak_int8", Threads = peak.Threads, Weight = "int8", Gflops = peak.ByteGOpsPerSecond };
        yield return new BenchRow { Kernel = "read", Threads = peak.Threads, Gbs = peak.ReadGBytesPerSecond };
    }
}
