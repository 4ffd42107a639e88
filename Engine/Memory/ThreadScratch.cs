namespace SpikeEngine;

/// <summary>
/// Short-lived memory of the calling thread, for kernels that need room to work. It grows to the largest request and is
/// handed out again by the next call, so one user at a time.
/// </summary>
public static class ThreadScratch
{
    [ThreadStatic]
    private static Memory<float> t_block;

    /// <summary>Room for <paramref name="length"/> floats; contents are undefined, valid until the thread's next call.</summary>
    public static Span<float> Take(int length)
    {
        if (t_block.Length < length)
            t_block = AlignedMemory.Allocate(Math.Max(length, 1 << 14));
        return t_block.Span[..length];
    }
}
