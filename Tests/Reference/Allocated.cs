namespace SpikeEngine.Tests.Reference;

/// <summary>What code allocates once it runs as it always will.</summary>
internal static class Allocated
{
    private const int Rounds = 5;

    /// <summary>Bytes that a call allocates on this thread: the least of a few calls, since code that the compiler has not settled on may allocate what it later does not.</summary>
    public static long ByOne(Action call)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
