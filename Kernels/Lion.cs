using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>u = sign(β1 m + (1 - β1) g);  p -= lr (u + wd p);  m = β2 m + (1 - β2) g (Chen et al. 2023, algorithm 2).</summary>
public readonly ref struct LionStep : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> Grad { get; init; }

    /// <summary>[n], updated.</summary>
    public required Span<float> Values { get; init; }

    /// <summary>[n], updated.</summary>
    public required Span<float> Moment { get; init; }

    /// <summary>lr</summary>
    public required float Rate { get; init; }

    /// <summary>wd</summary>
    public required float Decay { get; init; }

    /// <summary>β1</summary>
    public required float Beta1 { get; init; }

    /// <summary>β2</summary>
    public required float Beta2 { get; init; }

    /// <summary>1 - β1, rounded once.</summary>
    public required float Rest1 { get; init; }

    /// <summary>1 - β2, rounded once.</summary>
    public required float Rest2 { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Grad.Length == Values.Length && Moment.Length == Values.Length);
        Apply<Lanes1>(Grad, Values, Moment, Apply<L>(Grad, Values, Moment, 0));
    }

    // Not fused: near zero a fused sum could have another sign, and the width of a register would move a weight.
    private int Apply<L>(ReadOnlySpan<float> grad, Span<float> values, Span<float> moment, int i)
        where L : struct, ILanes<L>
    {
        L rate = L.Splat(Rate), decay = L.Splat(Decay);
        L beta1 = L.Splat(Beta1), beta2 = L.Splat(Beta2), rest1 = L.Splat(Rest1), rest2 = L.Splat(Rest2);
        for (; i <= values.Length - L.Count; i += L.Count)
        {
            L g = L.Load(grad, i), p = L.Load(values, i), m = L.Load(moment, i);
            L u = Sign(beta1 * m + rest1 * g);
            L.Store(p - rate * (u + decay * p), values, i);
            L.Store(beta2 * m + rest2 * g, moment, i);
        }

        return i;
    }

    /// <summary>1, -1, or x itself where it is a zero or a NaN: a weight whose moment is none must not stand still unseen.</summary>
    private static L Sign<L>(L x)
        where L : struct, ILanes<L> =>
        L.Select(L.LessThan(L.Zero, x), L.One, L.Select(L.LessThan(x, L.Zero), -L.One, x));
}
