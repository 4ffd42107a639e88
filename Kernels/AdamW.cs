using System.Diagnostics;

namespace SpikeEngine.Kernels;

/// <summary>
/// p -= decay * p;  m = β1 m + (1 - β1) g;  v = β2 v + (1 - β2) g²;  p -= step * m / (sqrt(v) * root + eps), where
/// decay = lr * wd, step = lr / (1 - β1^s), root = 1 / sqrt(1 - β2^s) (Loshchilov and Hutter 2019, algorithm 2).
/// </summary>
public readonly ref struct AdamWStep : ISimdKernel
{
    /// <summary>[n]</summary>
    public required ReadOnlySpan<float> Grad { get; init; }

    /// <summary>[n], updated.</summary>
    public required Span<float> Values { get; init; }

    /// <summary>[n], updated.</summary>
    public required Span<float> FirstMoment { get; init; }

    /// <summary>[n], updated.</summary>
    public required Span<float> SecondMoment { get; init; }

    /// <summary>Learning rate times weight decay.</summary>
    public required float Decay { get; init; }

    /// <summary>β1</summary>
    public required float Beta1 { get; init; }

    /// <summary>β2</summary>
    public required float Beta2 { get; init; }

    /// <summary>1 - β1, rounded once: 1 - 0.999f has only four good digits.</summary>
    public required float Rest1 { get; init; }

    /// <summary>1 - β2, rounded once.</summary>
    public required float Rest2 { get; init; }

    /// <summary>lr / (1 - β1^s)</summary>
    public required float Step { get; init; }

    /// <summary>1 / sqrt(1 - β2^s)</summary>
    public required float Root { get; init; }

    /// <summary>Added to the denominator.</summary>
    public required float Eps { get; init; }

    /// <inheritdoc/>
    public void Run<L>()
        where L : struct, ILanes<L>
    {
        Debug.Assert(Grad.Length == Values.Length && FirstMoment.Length == Values.Length && SecondMoment.Length == Values.Length);
        Apply<Lanes1>(Grad, Values, FirstMoment, SecondMoment, Apply<L>(Grad, Values, FirstMoment, SecondMoment, 0));
    }

    // Products and sums are rounded one by one: memory sets the pace, and an update then has the same bits at every width.
    private int Apply<L>(ReadOnlySpan<float> grad, Span<float> values, Span<float> first, Span<float> second, int i)
        where L : struct, ILanes<L>
    {
        L decay = L.Splat(Decay), step = L.Splat(Step), root = L.Splat(Root), eps = L.Splat(Eps);
        L beta1 = L.Splat(Beta1), beta2 = L.Splat(Beta2), rest1 = L.Splat(Rest1), rest2 = L.Splat(Rest2);
        for (; i <= values.Length - L.Count; i += L.Count)
        {
            L g = L.Load(grad, i), p = L.Load(values, i);
            L m = beta1 * L.Load(first, i) + rest1 * g;
            L v = beta2 * L.Load(second, i) + rest2 * g * g;
            p -= decay * p;
            p -= step * (m / (L.Sqrt(v) * root + eps));
            L.Store(m, first, i);
            L.Store(v, second, i);
            L.Store(p, values, i);
        }

        return i;
    }
}
