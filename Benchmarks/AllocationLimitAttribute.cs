using BenchmarkDotNet.Reports;

namespace SpikeEngine.Benchmarks;

/// <summary>Managed bytes that one call of a benchmark may allocate, as the memory diagnoser counts them; more is a failure of the run.</summary>
/// <param name="bytes">The limit.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllocationLimitAttribute(long bytes) : Attribute
{
    /// <summary>The limit.</summary>
    public long Bytes => bytes;

    /// <summary>Prints what allocated more than it may.</summary>
    /// <returns>Whether everything kept its limit and ran at all.</returns>
    public static bool Holds(IEnumerable<Summary> summaries)
    {
        bool holds = true;
        foreach (BenchmarkReport report in summaries.SelectMany(summary => summary.Reports))
        {
            if (report.BenchmarkCase.Descriptor.WorkloadMethod.GetCustomAttributes(typeof(AllocationLimitAttribute), inherit: false)
                is not [AllocationLimitAttribute limit])
                continue;
            long? allocated = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
            if (report.Success && allocated <= limit.Bytes)
                continue;
            Console.Error.WriteLine($"{report.BenchmarkCase.DisplayInfo} allocates {allocated} bytes a call; at most {limit.Bytes} are allowed.");
            holds = false;
        }

        return holds;
    }
}
