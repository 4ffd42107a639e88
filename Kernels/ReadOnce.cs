namespace SpikeEngine.Kernels;

/// <summary>Reads memory from one end to the other and adds it up: what the memory can deliver at most.</summary>
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
        int n = L.Count, i = 0;
        for (; i <= x.Length - 4 * n; i += 4 * n)
        {
            a += L.Load(x, i);
            b += L.Load(x, i + n);
            c += L.Load(x, i + 2 * n);
            d += L.Load(x, i + 3 * n);
        }

        Result[0] = L.Sum(a + b + (c + d));
    }
}
