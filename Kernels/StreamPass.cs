using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// Reads some streams from one end to the other and writes their sum to others: what a kernel that moves as many bytes, and has to
/// compute something, can reach at most. It is the fair limit because it pays for the same things: as many streams for the
/// prefetcher to follow, the same pages, and the reading of every line that ordinary stores are going to replace. A copy that
/// bypasses the cache would be faster, and so would one that only reads; neither does what the kernel has to do.
/// </summary>
public readonly ref struct StreamPass : ISimdKernel
{
    /// <summary>[reads, length], at least one stream.</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[writes, length]; may be the first of <see cref="X"/>, as when a kernel adds to what is there.</summary>
    public required Span<float> Y { get; init; }

    /// <summary>Length of a stream.</summary>
    public required int Length { get; init; }

    /// <summary>First element of each stream to visit.</summary>
    public required int Start { get; init; }

    /// <summary>End of the elements to visit.</summary>
    public required int End { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(X.Length >= Length && X.Length % Length == 0 && Y.Length % Length == 0 && End <= Length);
        Apply<Lanes1>(Apply<L>(Start));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> x = X;
        Span<float> y = Y;
        int length = Length, end = End;
        for (; i <= end - L.Count; i += L.Count)
        {
            L sum = L.Load(x, i);
            for (int at = i + length; at < x.Length; at += length)
                sum += L.Load(x, at);
            for (int at = i; at < y.Length; at += length)
                L.Store(sum, y, at);
        }

        return i;
    }
}
