using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// The spike-driven form of a count s in D micro-steps:  v = |s|;  D times:  fire = (v &gt;= 1),  v -= fire,  spike = sign(s) * fire.
/// It starts from the whole number |s|, not from |x|, so the spikes add up to s exactly, whichever way s was rounded.
/// </summary>
public readonly ref struct SpikeExpansion : ISimdKernel
{
    /// <summary>[n], whole numbers from -D to D.</summary>
    public required ReadOnlySpan<float> S { get; init; }

    /// <summary>[D, n]: -1, 0 or 1.</summary>
    public required Span<float> Spikes { get; init; }

    /// <summary>[D, n], what is left after each micro-step (soft reset); empty when not wanted.</summary>
    public required Span<float> Membrane { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Spikes.Length % S.Length == 0 && (Membrane.IsEmpty || Membrane.Length == Spikes.Length));
        Apply<Lanes1>(Apply<L>(0));
    }

    private int Apply<L>(int i)
        where L : struct, ILanes<L>
    {
        for (; i <= S.Length - L.Count; i += L.Count)
        {
            L s = L.Load(S, i), v = L.Abs(s), negative = L.LessThan(s, L.Zero);
            for (int at = i; at < Spikes.Length; at += S.Length)
            {
                L fire = L.Select(L.LessThan(v, L.One), L.Zero, L.One);
                v -= fire;
                L.Store(L.Select(negative, -fire, fire), Spikes, at);
                if (!Membrane.IsEmpty)
                    L.Store(v, Membrane, at);
            }
        }

        return i;
    }
}
