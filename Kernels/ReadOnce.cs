namespace SpikeEngine.Kernels;

/// <summary>
/// Reads memory once and adds it up: what the memory can deliver at most. Four streams at once keep more requests in flight than
/// one does.
/// </summary>
public readonly ref struct ReadOnce : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> X { get; init; }

    /// <summary>[1], written.</summary>
    public required Span<float> Result { get; init; }

    /// <inheritdoc/>
    public static bool LanesMeet => true;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        ReadOnlySpan<float> x = X;
        L a = L.Zero, b = L.Zero, c = L.Zero, d = L.Zero;
        int n = L.Count, quarter = x.Length / 4;
        for (int i = 0; i <= quarter - n; i += n)
        {
            a += L.Load(x, i);
            b += L.Load(x, quarter + i);
            c += L.Load(x, 2 * quarter + i);
            d += L.Load(x, 3 * quarter + i);
        }

        Result[0] = L.Sum(a + b + (c + d));
    }
}
