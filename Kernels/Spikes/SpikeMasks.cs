using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>Which of a vector's spikes reach a level upwards, and which downwards, as bits.</summary>
public readonly ref struct SpikeMasks : ISimdKernel
{
    private const int WordBits = 64;

    /// <summary>[n], whole numbers.</summary>
    public required ReadOnlySpan<float> S { get; init; }

    /// <summary>The level, at least 1.</summary>
    public required int Level { get; init; }

    /// <summary>[ceil(n / 64)], overwritten: s &gt;= level, the first spike in the lowest bit of the first word.</summary>
    public required Span<ulong> Positive { get; init; }

    /// <summary>[ceil(n / 64)], overwritten: s &lt;= -level.</summary>
    public required Span<ulong> Negative { get; init; }

    /// <summary>Words for the bits of a vector.</summary>
    public static int Words(int length) => (length + WordBits - 1) / WordBits;

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Positive.Length == Words(S.Length) && Negative.Length == Positive.Length);
        Positive.Clear();
        Negative.Clear();
        Apply<Lanes1>(Apply<L>(0));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        // Half a spike below the level: whole numbers are either above or below it.
        L up = L.Splat(Level - 0.5f), down = L.Splat(0.5f - Level);
        for (; i <= S.Length - L.Count; i += L.Count)
        {
            L s = L.Load(S, i);
            (int word, int bit) = (i / WordBits, i % WordBits);
            Positive[word] |= (ulong)L.Bits(L.LessThan(up, s)) << bit;
            Negative[word] |= (ulong)L.Bits(L.LessThan(s, down)) << bit;
        }

        return i;
    }
}
